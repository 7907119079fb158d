// How the plots look: the page's own colours, times in the reader's zone, holes hatched.

import type uPlot from 'uplot';

import { clockMinute, day, type Zone } from '../lib/format';
import { fromMs } from '../lib/time';
import type { PlotLine, PlotSpec } from './plots';

interface Look {
  readonly zone: Zone;
  readonly theme: string;
  readonly style: CSSStyleDeclaration;
  readonly width: number;
  readonly height: number;
}

const DAY_S = 86_400;

/** The options of a plot. What is drawn may change later: it is asked for whenever it is needed. */
export function optionsOf(Plot: typeof uPlot, spec: () => PlotSpec, look: Look): uPlot.Options {
  const colour = (token: string): string => look.style.getPropertyValue(token).trim();
  const font = `12px ${look.style.fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font,
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: look.width,
    height: look.height,
    tzDate: (ts) => (look.zone === 'utc' ? Plot.tzDate(new Date(ts * 1000), 'Etc/UTC') : new Date(ts * 1000)),
    legend: { show: false },
    padding: [6, 8, 0, 0],
    cursor: { y: false, sync: { key: 'data' }, points: { size: 5 }, drag: { x: true, y: false } },
    scales: {
      x: { time: true, range: (_, min, max) => spanned(spec(), min, max) },
      y: { range: (_, min, max) => roomFor(min, max, spec().zeroed) },
    },
    axes: [
      { ...axis, size: 24, gap: 2, space: 64, values: (_, splits) => splits.map((at, place) => timeLabel(at, splits[place - 1], look.zone)) },
      { ...axis, size: 62, gap: 4, space: 28, values: (_, splits) => splits.map((value) => spec().axis(value)) },
    ],
    series: [{}, ...spec().lines.map((line) => seriesOf(Plot, line, colour(line.colour), colour('--background')))],
    hooks: { drawClear: [(u) => hatch(u, spec().holes, colour('--missing'), colour('--missing-line'))] },
  };
}

/** All of the span asked for while nothing is zoomed, so that what is missing at the ends looks missing. */
function spanned(spec: PlotSpec, min: number, max: number): [number, number] {
  const whole = spec.times.length === 0 || min === max || min <= (spec.times[0] ?? min) && max >= (spec.times.at(-1) ?? max);
  return whole ? [...spec.span] : [min, max];
}

/** Some room above and below; zero is in sight where sides are told apart by it. */
export function roomFor(min: number | null, max: number | null, zeroed: boolean): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  const [lo, hi] = zeroed ? [Math.min(min, 0), Math.max(max, 0)] : [min, max];
  const room = (hi - lo) * 0.06 || Math.abs(hi) * 0.001 || 1;
  return [zeroed && lo === 0 ? 0 : lo - room, zeroed && hi === 0 ? 0 : hi + room];
}

/** Clock times, and the day where one begins. */
export function timeLabel(at: number, before: number | undefined, zone: Zone): string {
  const time = fromMs(at * 1000);
  const today = day(time, zone);
  if (before === undefined || before === null) return at % DAY_S === 0 ? today.slice(5) : clockMinute(time, zone);
  return day(fromMs(before * 1000), zone) === today ? clockMinute(time, zone) : today.slice(5);
}

function seriesOf(Plot: typeof uPlot, line: PlotLine, stroke: string, ground: string): uPlot.Series {
  const base: uPlot.Series = { label: line.label, stroke, width: 1.25, spanGaps: line.joins, points: { show: false } };
  if (line.kind === 'bars' && Plot.paths.bars !== undefined) {
    return { ...base, fill: stroke, width: 0, paths: Plot.paths.bars({ size: [0.9, 10, 2], align: 0 }) };
  }
  if (line.kind === 'points') return { ...base, width: 0, paths: () => null, points: { show: true, size: 6, fill: stroke, stroke: ground } };
  return base;
}

/** Missing looks missing: grey ground with slanted lines. */
function hatch(u: uPlot, holes: PlotSpec['holes'], ground: string, line: string): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [from, to] of holes) {
    const left = u.valToPos(from, 'x', true);
    // A hole of a minute in a month is still seen.
    const width = Math.max(2 * devicePixelRatio, u.valToPos(to, 'x', true) - left);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, width, bbox.height);
    ctx.clip();
    ctx.fillStyle = ground;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.strokeStyle = line;
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    const step = 6 * devicePixelRatio;
    for (let x = left - bbox.height; x < left + width; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }
  ctx.restore();
}
