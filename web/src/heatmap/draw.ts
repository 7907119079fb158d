// What is drawn over the axes: cells, holes, prices, reported liquidations.

import { type View, columnsSeen, groupFor, leftOf, rowsSeen, strips } from './geometry';
import type { Heatmap } from './merge';
import type { Surface } from './surface';

/** Colours of the theme that the canvas needs, as style text. */
export interface Colours {
  readonly background: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly gap: string;
  readonly gapLine: string;
  /** Bars of the panel. */
  readonly long: string;
  readonly short: string;
}

/** Circles of the sides, over any colour of a cell and in every theme: those of the pictures. */
export const CIRCLES = { long: '#d55e00', short: '#0072b2' } as const;

/** How prices are drawn. */
export const PRICE_STYLES = ['candles', 'line', 'none'] as const;
export type PriceStyle = (typeof PRICE_STYLES)[number];

/** Candles are drawn from this width of a column on, bitmap pixels per screen pixel aside. */
export const LEAST_CANDLE_PX = 4;

/** The canvas and the pixels of the bitmap in one pixel of the page. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly ratio: number;
}

const WHITE = '#ffffff';
const BLACK = '#05070a';

/** The cells that are seen, never smoothed. */
export function drawCells({ context }: Pen, view: View, held: Heatmap, surface: Surface): void {
  const { columns, rows } = surface.block;
  const seen = columnsSeen(view, columns);
  const high = rowsSeen(view, held.prices);
  if (seen.to <= seen.from || high.to <= high.from) return;
  const span = view.y(held.prices[high.from] ?? 0) - view.y(held.prices[high.to] ?? 0);
  const picture = surface.picture(groupFor(view.spacing), groupFor(span / (high.to - high.from)));
  if (picture === null) return;
  context.imageSmoothingEnabled = false;
  const [x, width] = [leftOf(view, seen.from), (seen.to - seen.from) * view.spacing];
  const [sx, sw] = [(seen.from + picture.lead) / picture.wide, (seen.to - seen.from) / picture.wide];
  for (const strip of strips(view, held.prices, high.from, high.to)) {
    const sy = (rows - strip.to) / picture.high;
    const sh = (strip.to - strip.from) / picture.high;
    context.drawImage(picture.canvas, sx, sy, sw, sh, x, strip.top, width, strip.bottom - strip.top);
  }
}

/** Columns without data, hatched from edge to edge. */
export function drawGaps({ context, ratio }: Pen, view: View, held: Heatmap, colours: Colours): void {
  const seen = columnsSeen(view, held.columns.length);
  let from: number | null = null;
  for (let at = seen.from; at <= seen.to; at += 1) {
    const gap = at < seen.to && held.columns[at]?.column.status === 'gap';
    if (gap) from ??= at;
    else if (from !== null) {
      hatch(context, [leftOf(view, from), leftOf(view, at)], view.height, ratio, colours);
      from = null;
    }
  }
}

function hatch(
  context: CanvasRenderingContext2D,
  [x0, x1]: [number, number],
  height: number,
  ratio: number,
  colours: Colours,
): void {
  context.save();
  context.beginPath();
  context.rect(x0, 0, Math.max(x1 - x0, 1), height);
  context.clip();
  context.fillStyle = colours.gap;
  context.fillRect(x0, 0, Math.max(x1 - x0, 1), height);
  context.beginPath();
  // Lines start at places fixed on the screen, so that neighbouring holes hatch as one.
  for (let x = Math.floor((x0 - height) / (8 * ratio)) * 8 * ratio; x < x1; x += 8 * ratio) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.strokeStyle = colours.gapLine;
  context.lineWidth = ratio;
  context.stroke();
  context.restore();
}

/** A dashed line where the column begins that is not over yet. */
export function drawForming({ context, ratio }: Pen, view: View, held: Heatmap): void {
  const at = held.columns.length - 1;
  if (held.columns[at]?.column.status !== 'forming') return;
  const x = Math.round(leftOf(view, at)) + 0.5;
  context.save();
  context.setLineDash([3 * ratio, 3 * ratio]);
  context.lineWidth = ratio;
  for (const [colour, offset] of [[WHITE, 0], [BLACK, 3 * ratio]] as const) {
    context.strokeStyle = colour;
    context.lineDashOffset = offset;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, view.height);
    context.stroke();
  }
  context.restore();
}

/** Candles where columns are wide enough, else a line through the last prices. */
export function drawPrices(pen: Pen, view: View, held: Heatmap, style: PriceStyle): void {
  if (style === 'none') return;
  if (style === 'candles' && view.spacing >= LEAST_CANDLE_PX * pen.ratio) drawCandles(pen, view, held);
  else drawCloses(pen, view, held);
}

/** White for a rise and black for a fall, each with an edge of the other: readable on every colour. */
function drawCandles({ context, ratio }: Pen, view: View, held: Heatmap): void {
  const seen = columnsSeen(view, held.columns.length);
  const body = Math.max(Math.min(Math.round(view.spacing * 0.62), 14 * ratio), 2);
  const wicks = new Path2D();
  const rises = new Path2D();
  const falls = new Path2D();
  for (let at = seen.from; at < seen.to; at += 1) {
    const ohlc = held.columns[at]?.column.ohlc;
    if (!ohlc) continue;
    const [open, high, low, close] = ohlc.map((price) => view.y(Number(price)));
    if (open === undefined || high === undefined || low === undefined || close === undefined) continue;
    const middle = view.x0 + at * view.spacing;
    wicks.moveTo(middle, high);
    wicks.lineTo(middle, low);
    const top = Math.min(open, close);
    const height = Math.max(Math.abs(open - close), 1);
    (close < open ? rises : falls).rect(middle - body / 2, top, body, height);
  }
  context.lineWidth = 3 * ratio;
  context.strokeStyle = 'rgb(5 7 10 / 70%)';
  context.stroke(wicks);
  context.lineWidth = ratio;
  context.strokeStyle = WHITE;
  context.stroke(wicks);
  for (const [path, fill, edge] of [[rises, WHITE, BLACK], [falls, BLACK, WHITE]] as const) {
    context.fillStyle = fill;
    context.fill(path);
    context.strokeStyle = edge;
    context.stroke(path);
  }
}

/** A line through the last prices, interrupted at holes. */
function drawCloses({ context, ratio }: Pen, view: View, held: Heatmap): void {
  const seen = columnsSeen(view, held.columns.length);
  const line = new Path2D();
  let open = false;
  for (let at = Math.max(seen.from - 1, 0); at < Math.min(seen.to + 1, held.columns.length); at += 1) {
    const close = held.columns[at]?.column.ohlc?.[3];
    if (close === undefined) {
      open = false;
      continue;
    }
    const [x, y] = [view.x0 + at * view.spacing, view.y(Number(close))];
    if (open) line.lineTo(x, y);
    else line.moveTo(x, y);
    open = true;
  }
  context.lineJoin = 'round';
  context.lineWidth = 3.5 * ratio;
  context.strokeStyle = 'rgb(5 7 10 / 75%)';
  context.stroke(line);
  context.lineWidth = 1.5 * ratio;
  context.strokeStyle = WHITE;
  context.stroke(line);
}

/** Largest circle and the smallest that is still drawn, screen pixels. */
const LARGEST_PX = 13;
const SMALLEST_PX = 2.5;

/** Reported liquidations: circles at the end of the candle that hit them, area by dollars, arrow by side. */
export function drawReported({ context, ratio }: Pen, view: View, held: Heatmap): void {
  let largest = 0;
  for (const { column } of held.columns) largest = Math.max(largest, column.reported_usd[0], column.reported_usd[1]);
  if (largest <= 0) return;
  const seen = columnsSeen(view, held.columns.length);
  for (let at = seen.from; at < seen.to; at += 1) {
    const column = held.columns[at]?.column;
    if (column === undefined || !column.ohlc) continue;
    const [, high, low] = column.ohlc;
    for (const [usd, price, colour, down] of [
      [column.reported_usd[0], low, CIRCLES.long, true],
      [column.reported_usd[1], high, CIRCLES.short, false],
    ] as const) {
      const radius = Math.sqrt(usd / largest) * LARGEST_PX;
      if (!(radius >= SMALLEST_PX)) continue;
      // Beyond the end of the candle, so that both sides are seen where they were hit at one price.
      const y = view.y(Number(price)) + (down ? radius : -radius) * ratio;
      bubble(context, view.x0 + at * view.spacing, y, radius * ratio, ratio, colour, down);
    }
  }
}

function bubble(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  ratio: number,
  colour: string,
  down: boolean,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.globalAlpha = 0.72;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = ratio;
  context.strokeStyle = WHITE;
  context.stroke();
  if (radius < 5 * ratio) return;
  const size = (down ? 0.5 : -0.5) * radius;
  context.beginPath();
  context.moveTo(x - size, y - size / 2);
  context.lineTo(x + size, y - size / 2);
  context.lineTo(x, y + size * 0.75);
  context.closePath();
  context.fillStyle = WHITE;
  context.fill();
}

/** The edge of one cell: what the keyboard is at, or what a tooltip is pinned to. */
export function drawCursor({ context, ratio }: Pen, view: View, held: Heatmap, cell: { column: number; row: number }): void {
  const at = cell.row - held.rows.first;
  const [low, high] = [held.prices[at], held.prices[at + 1]];
  if (low === undefined || high === undefined) return;
  const [x, y] = [leftOf(view, cell.column), view.y(high)];
  const width = Math.max(view.spacing, 4 * ratio);
  const height = Math.max(view.y(low) - y, 4 * ratio);
  for (const [colour, grow] of [[BLACK, 2], [WHITE, 1]] as const) {
    context.strokeStyle = colour;
    context.lineWidth = ratio;
    context.strokeRect(x - grow * ratio, y - grow * ratio, width + 2 * grow * ratio, height + 2 * grow * ratio);
  }
}
