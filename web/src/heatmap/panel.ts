// The map as it stands, beside the raster and on its price axis: one bar a row, one column of the document.

import type { Colours } from './draw';
import type { View } from './geometry';
import { rowsSeen } from './geometry';
import { type Cell, factsOf } from './hit';
import type { Heatmap } from './merge';

/** Largest dollars of a side in a row of a column: what the longest bar stands for. */
export function largest(held: Heatmap, column: number): { side: 'long' | 'short'; usd: number; cell: Cell } | null {
  let found: { side: 'long' | 'short'; usd: number; cell: Cell } | null = null;
  for (let at = 0; at < held.rows.count; at += 1) {
    const cell = { column, row: held.rows.first + at };
    const facts = factsOf(held, cell);
    for (const [side, usd] of [
      ['long', facts?.longUsd],
      ['short', facts?.shortUsd],
    ] as const) {
      if (typeof usd === 'number' && usd > (found?.usd ?? 0)) found = { side, usd, cell };
    }
  }
  return found;
}

/** Draws the bars. The canvas is as high as the plot, in pixels of the page times `ratio`. */
export function drawPanel(
  context: CanvasRenderingContext2D,
  ratio: number,
  width: number,
  view: View,
  held: Heatmap,
  column: number,
  longestUsd: number,
  marked: number | null,
  colours: Colours,
): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colours.background;
  context.fillRect(0, 0, width, view.height);
  if (longestUsd <= 0) return;
  const seen = rowsSeen(view, held.prices);
  const scale = (width - 2) / longestUsd;
  // A hair between rows, where there is room for one.
  const rowPx = view.height / Math.max(seen.to - seen.from, 1);
  const gap = rowPx >= 4 ? 1 / ratio : 0;
  for (let at = seen.from; at < seen.to; at += 1) {
    const facts = factsOf(held, { column, row: held.rows.first + at });
    const [low, high] = [held.prices[at], held.prices[at + 1]];
    if (facts === null || low === undefined || high === undefined) continue;
    const top = Math.round(view.y(high) * ratio) / ratio;
    const bottom = Math.max(Math.round(view.y(low) * ratio) / ratio, top + 1 / ratio);
    const [long, short] = [facts.longUsd ?? 0, facts.shortUsd ?? 0];
    // The row around the price may hold both sides: shorts in its upper half, longs in its lower one.
    const middle = long > 0 && short > 0 ? (top + bottom) / 2 : long > 0 ? top : bottom;
    for (const [usd, from, to, colour] of [
      [short, top, middle, colours.short],
      [long, middle, bottom, colours.long],
    ] as const) {
      if (usd <= 0) continue;
      context.fillStyle = colour;
      context.fillRect(0, from, Math.max(usd * scale, 1 / ratio), to - from - gap);
    }
    if (held.rows.first + at === marked) {
      context.strokeStyle = colours.ink;
      context.lineWidth = 1;
      context.strokeRect(0.5, top - 0.5, width - 1, bottom - top + 1);
    }
  }
  const y = Math.round(view.y(Number(held.document.price))) + 0.5;
  context.setLineDash([1, 2]);
  context.strokeStyle = colours.ink;
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
  context.setLineDash([]);
}
