/** The brief's figures as tables. */

import type { AtMove, Changed, ReachSide } from '../lib/documents';
import { percentSigned, price, usd, usdInterval, usdSigned } from '../lib/format';
import { intervalValue, type Cell, type Column, type Row } from '../lib/table';

export const AT_COLUMNS: readonly Column[] = [
  { key: 'move', title: 'Move', names: true, align: 'end', sortable: false },
  { key: 'price', title: 'To', align: 'end', sortable: false },
  { key: 'usd', title: 'Would liquidate', align: 'end', sortable: false },
  { key: 'interval', title: '80 %', align: 'end', sortable: false },
];

/** One row a move, for the side that it liquidates. */
export function atRows(moves: readonly AtMove[]): Row[] {
  return moves.map((move, at) => {
    const falls = move.move_pct < 0;
    const side = falls ? 'long' : 'short';
    const dollars = falls ? move.long_usd : move.short_usd;
    const interval = move.interval ?? null;
    return {
      move: { value: move.move_pct, text: percentSigned(move.move_pct), figure: `brief.at[${at}].move_pct`, tone: side },
      price: { value: move.price, text: price(move.price), figure: `brief.at[${at}].price` },
      usd: {
        value: dollars,
        text: usd(dollars),
        mark: falls ? '▼' : '▲',
        unit: `${side}s`,
        figure: `brief.at[${at}].${side}_usd`,
        tone: side,
      },
      interval: { value: intervalValue(interval), text: usdInterval(interval), figure: `brief.at[${at}].interval` },
    };
  });
}

export const CHANGED_COLUMNS: readonly Column[] = [
  { key: 'when', title: 'When', names: true, sortable: false },
  { key: 'price', title: 'Price', align: 'end', sortable: false },
  { key: 'long', title: '▼ Longs', align: 'end', sortable: false },
  { key: 'short', title: '▲ Shorts', align: 'end', sortable: false },
];

/** The same amount earlier. */
export function changedRows(changed: readonly Changed[]): Row[] {
  const distance = (side: ReachSide, figure: string, tone: 'long' | 'short'): Cell => ({
    value: side.move_usd ?? null,
    text: side.move_usd == null ? 'not reached' : usdSigned(side.move_usd),
    note: side.move_pct == null ? undefined : percentSigned(side.move_pct),
    figure,
    tone,
  });
  return changed.map((then, at) => ({
    when: `${then.hours_ago} h ago`,
    price: { value: then.price, text: price(then.price), figure: `brief.changed[${at}].price` },
    long: distance(then.reach.long, `brief.changed[${at}].reach.long.move_usd`, 'long'),
    short: distance(then.reach.short, `brief.changed[${at}].reach.short.move_usd`, 'short'),
  }));
}
