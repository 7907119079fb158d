/** A channel's recent past as one bar: where there are data, where there are none, and why. */

import type { Gap, GapChannel } from './documents';

/** `before`: the channel had not begun. `after`: nothing newer is known. Neither is a gap, nor data. */
export type SegmentKind = 'before' | 'data' | 'gap' | 'after';

export interface Segment {
  readonly kind: SegmentKind;
  /** Place in the bar, 0 to 1. */
  readonly start: number;
  readonly end: number;
  /** The gap that a segment is part of; its own words say how long it is, and why. */
  readonly gap: Gap | null;
}

/**
 * Segments from left to right that cover the bar without overlap. A gap shorter than `least` of the bar is
 * drawn that wide, so that it can be seen: missing looks missing, however short.
 */
export function gapStrip(channel: GapChannel, from: string, to: string, least = 0): Segment[] {
  const [lo, hi] = [Date.parse(from), Date.parse(to)];
  if (!(hi > lo)) return [];
  const place = (time: number): number => Math.min(1, Math.max(0, (time - lo) / (hi - lo)));
  const first = channel.first === null ? NaN : Date.parse(channel.first);
  const newest = channel.newest === null ? NaN : Date.parse(channel.newest);
  if (Number.isNaN(first) || Number.isNaN(newest)) return [{ kind: 'before', start: 0, end: 1, gap: null }];

  const gaps = channel.gaps
    .map((gap) => ({ gap, start: place(Date.parse(gap.from)), end: place(Date.parse(gap.to)) }))
    .filter(({ start, end }) => end > start)
    .sort((a, b) => a.start - b.start);
  const segments: Segment[] = [];
  let at = 0;
  const push = (kind: SegmentKind, end: number, gap: Gap | null = null): void => {
    if (end <= at) return;
    segments.push({ kind, start: at, end, gap });
    at = end;
  };
  const [begun, known] = [place(first), place(newest)];
  push('before', begun);
  for (const { gap, start, end } of gaps) {
    push('data', Math.min(start, known));
    push('gap', Math.min(1, Math.max(end, start + least)), gap);
  }
  push('data', known);
  push('after', 1);
  return segments;
}

/** Midnights (UTC) inside the bar, for its ticks. */
export function dayTicks(from: string, to: string): { readonly place: number; readonly day: string }[] {
  const [lo, hi] = [Date.parse(from), Date.parse(to)];
  const day = 86_400_000;
  if (!(hi > lo) || hi - lo > 400 * day) return [];
  const ticks = [];
  for (let time = Math.ceil(lo / day) * day; time <= hi; time += day) {
    ticks.push({ place: (time - lo) / (hi - lo), day: new Date(time).toISOString().slice(0, 10) });
  }
  return ticks;
}
