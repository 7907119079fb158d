// Sentences about a map, made of the document's own figures.

import type { AtMove, MapDocument, ReachPair, ReachSide, SideName, Tilt } from '../lib/documents';
import { fixed } from '../lib/decimal';
import { distanceRange, moveBoth, percentSigned, price, share, usd, usdDistance, usdInterval } from '../lib/format';

export interface TiltWords {
  /** Which side is nearer, or that none is. */
  title: string;
  /** How it is called. */
  label: string;
  /** How many times farther the other side is; `null` without a comparison. */
  ratio: string | null;
  /** How firmly that holds. */
  sure: string;
  side: SideName | null;
}

/** Which side is nearer. A balanced tilt names no side. */
export function tiltWords(tilt: Tilt | null | undefined): TiltWords {
  if (tilt === null || tilt === undefined) {
    return { title: 'One side does not hold that much', label: 'no distances to compare', ratio: null, sure: '', side: null };
  }
  const held = tilt.sign_held;
  const sure = held === null || held === undefined ? 'not yet estimated how firmly' : `sign held in ${share(held)} of draws`;
  if (tilt.label === 'balanced') {
    return { title: 'Neither side is clearly nearer', label: 'balanced', ratio: fixed(tilt.ratio, 2), sure, side: null };
  }
  return {
    title: tilt.side === 'long' ? '▼ Longs are nearer' : '▲ Shorts are nearer',
    label: `${tilt.label} tilt`,
    ratio: fixed(tilt.ratio, 1),
    sure,
    side: tilt.side,
  };
}

/** What a side's distance is, or that it does not hold the amount. */
export function reachWords(side: ReachSide): string {
  if (side.move_usd === null || side.move_usd === undefined) return 'not on the map';
  return moveBoth(side.move_usd, side.move_pct);
}

/** What a move would liquidate, one sentence for each side. */
export function moveSentence(rung: AtMove): string {
  const [side, amount, verb] = rung.move_pct < 0 ? ['longs', rung.long_usd, 'falls'] : ['shorts', rung.short_usd, 'rises'];
  const range = rung.interval ? ` (80 %: ${usdInterval(rung.interval)})` : '';
  return `If price ${verb} to ${price(rung.price)}, ${usd(amount)} of ${side} would be liquidated${range}.`;
}

function sideSentence(amount: string, name: SideName, side: ReachSide): string {
  const move = name === 'long' ? 'a fall' : 'a rise';
  if (side.move_usd === null || side.move_usd === undefined) return `${usd(amount)} of ${name}s is not on the map`;
  const range = side.interval ? `, 80 %: ${distanceRange(side.interval)}` : '';
  return `${usd(amount)} of ${name}s would be liquidated by ${move} of ${usdDistance(side.move_usd)} (${percentSigned(side.move_pct)}${range})`;
}

function pairSentence(pair: ReachPair): string {
  return `${sideSentence(pair.amount_usd, 'long', pair.long)}; ${sideSentence(pair.amount_usd, 'short', pair.short)}.`;
}

/** The map in one sentence or two, for readers of the screen. */
export function mapSentence(map: MapDocument): string {
  const head = `${map.symbol} at ${price(map.price)}, grade ${map.grade.letter}.`;
  const window = `Within the window stand ${usd(map.long.in_window_usd)} of longs below and ${usd(map.short.in_window_usd)} of shorts above.`;
  const reach = map.marks ? ` ${pairSentence(map.marks)} ${tiltWords(map.marks.tilt).title}.` : '';
  return `${head}${reach} ${window}`;
}
