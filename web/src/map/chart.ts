// Where everything on the map stands, in pixels. Lying down, price runs to the right and dollars upwards; upright
// (on phones) price runs upwards and dollars to the right. Nothing here is a figure that is read.

import type { MapBin, MapDocument, SideName } from '../lib/documents';
import { number } from '../lib/format';
import { decades, linear, logarithmic, ticks, topOf, type Scale } from './scale';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Options {
  width: number;
  height: number;
  upright: boolean;
  log: boolean;
  /** Whether bins' 80 % intervals are drawn, and the axis holds them. */
  intervals: boolean;
  cumulative: boolean;
}

export interface Chart {
  upright: boolean;
  width: number;
  height: number;
  plot: Box;
  price: Scale;
  usd: Scale;
  total: Scale;
  log: boolean;
  /** Shared places of the grid on both dollar axes, with the dollars there. */
  grid: { at: number; usd: number; total: number | null }[];
  priceTicks: number[];
}

const INTERVALS = 5;
const UPRIGHT_INTERVALS = 4;
/** Four decades of dollars are enough to see the smallest bins. */
const LOG_SPAN = 1e4;
/** Room for labels above the tallest bar. */
const LOG_AIR = 4;
const MARGINS = { top: 70, right: 58, bottom: 44, left: 58 };
const UPRIGHT_MARGINS = { top: 46, right: 24, bottom: 50, left: 62 };

export function layout(map: MapDocument, options: Options): Chart {
  const { upright, width, height, log } = options;
  const margins = upright ? UPRIGHT_MARGINS : MARGINS;
  const plot: Box = {
    x: margins.left,
    y: margins.top,
    width: Math.max(1, width - margins.left - margins.right),
    height: Math.max(1, height - margins.top - margins.bottom),
  };
  const [low, high] = [number(map.window.price_lo), number(map.window.price_hi)];
  const price = upright
    ? linear(low, high, plot.y + plot.height, plot.y)
    : linear(low, high, plot.x, plot.x + plot.width);

  const largest = map.bins.reduce((most, bin) => Math.max(most, number(bin.usd), options.intervals ? number(bin.usd_hi80) || 0 : 0), 0);
  const total = map.bins.reduce((most, bin) => Math.max(most, number(bin.cumulative_usd)), 0);
  const steps = upright ? UPRIGHT_INTERVALS : INTERVALS;
  const [foot, head] = upright ? [plot.x, plot.x + plot.width] : [plot.y + plot.height, plot.y];
  const tops = [topOf(Math.max(largest, 1) * 1.04, steps), topOf(Math.max(total, 1) * 1.02, steps)] as const;
  const scales = tops.map((top) => (log ? logarithmic(top / LOG_SPAN, top * LOG_AIR, foot, head) : linear(0, top, foot, head)));
  const [usd, sum] = [scales[0] ?? linear(0, 1, foot, head), scales[1] ?? linear(0, 1, foot, head)];

  const grid = log
    ? decades(usd.low, usd.top).map((value) => ({ at: usd.at(value), usd: value, total: null }))
    : Array.from({ length: steps + 1 }, (_, step) => ({
        at: foot + (step / steps) * (head - foot),
        usd: (tops[0] / steps) * step,
        total: (tops[1] / steps) * step,
      }));
  const most = upright ? Math.floor(plot.height / 56) : Math.floor(plot.width / 110);
  return { upright, width, height, plot, price, usd, total: sum, log, grid, priceTicks: ticks(low, high, most) };
}

/** A box between two places on the price axis and two on a dollar axis. */
export function box(chart: Chart, fromPrice: number, toPrice: number, fromUsd: number, toUsd: number): Box {
  const [p0, p1] = [Math.min(fromPrice, toPrice), Math.max(fromPrice, toPrice)];
  const [u0, u1] = [Math.min(fromUsd, toUsd), Math.max(fromUsd, toUsd)];
  return chart.upright
    ? { x: u0, y: p0, width: u1 - u0, height: p1 - p0 }
    : { x: p0, y: u0, width: p1 - p0, height: u1 - u0 };
}

/** A point on both axes. */
export function point(chart: Chart, pricePixel: number, usdPixel: number): [number, number] {
  return chart.upright ? [usdPixel, pricePixel] : [pricePixel, usdPixel];
}

/** The whole extent of the dollar axis at a price range: for shades and rules. */
export function strip(chart: Chart, fromPrice: number, toPrice: number): Box {
  const { plot } = chart;
  const [low, high] = [chart.price.low, chart.price.top];
  const [a, b] = [fromPrice, toPrice].map((price) => chart.price.at(Math.min(high, Math.max(low, price))));
  return chart.upright
    ? box(chart, a ?? 0, b ?? 0, plot.x, plot.x + plot.width)
    : box(chart, a ?? 0, b ?? 0, plot.y, plot.y + plot.height);
}

const rounded = (value: number) => Math.round(value * 100) / 100;

function rectangle({ x, y, width, height }: Box): string {
  return `M${rounded(x)} ${rounded(y)}h${rounded(width)}v${rounded(height)}h${rounded(-width)}z`;
}

export interface BandPath {
  side: SideName;
  band: number;
  path: string;
}

/** All bars, one path for each side and band. What is hidden leaves its place to the bands above it. */
export function bars(chart: Chart, bins: readonly MapBin[], bands: number, hidden: ReadonlySet<number>): BandPath[] {
  const paths = new Map<string, { side: SideName; band: number; parts: string[] }>();
  for (const bin of bins) {
    const [p0, p1] = binEdges(chart, bin);
    const parts = Array.from({ length: bands }, (_, band) => (hidden.has(band) ? 0 : Math.max(0, number(bin.by_band[band]) || 0)));
    const visible = parts.reduce((sum, part) => sum + part, 0);
    if (!(visible > 0)) continue;
    const [foot, head] = [chart.usd.at(chart.log ? chart.usd.low : 0), chart.usd.at(visible)];
    let below = 0;
    parts.forEach((part, band) => {
      if (part === 0) return;
      // On a logarithmic axis a stack has no meaning: the whole stands, and is divided by shares.
      const [from, to] = [below / visible, (below + part) / visible];
      below += part;
      const key = `${bin.side}${band}`;
      const entry = paths.get(key) ?? { side: bin.side, band, parts: [] };
      paths.set(key, entry);
      entry.parts.push(rectangle(box(chart, p0, p1, foot + (head - foot) * from, foot + (head - foot) * to)));
    });
  }
  return [...paths.values()].map(({ side, band, parts }) => ({ side, band, path: parts.join('') }));
}

/** The edges of a bar: its bin's, with a hair of air if there is room. */
export function binEdges(chart: Chart, bin: MapBin): [number, number] {
  const [a, b] = [chart.price.at(number(bin.price_lo)), chart.price.at(number(bin.price_hi))];
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  const air = high - low > 4 ? 0.5 : 0;
  return [low + air, high - air];
}

/** The 80 % interval of every bin: boxes from bound to bound, and a line at each lower bound. Empty where there is none. */
export function intervals(chart: Chart, bins: readonly MapBin[]): { boxes: string; lows: string } {
  const parts: string[] = [];
  const lows: string[] = [];
  for (const bin of bins) {
    const [lo, hi] = [number(bin.usd_lo80), number(bin.usd_hi80)];
    if (!(hi > lo)) continue;
    const [p0, p1] = binEdges(chart, bin);
    parts.push(rectangle(box(chart, p0, p1, chart.usd.at(lo), chart.usd.at(hi))));
    const [[x0, y0], [x1, y1]] = [point(chart, p0, chart.usd.at(lo)), point(chart, p1, chart.usd.at(lo))];
    lows.push(`M${rounded(x0)} ${rounded(y0)}L${rounded(x1)} ${rounded(y1)}`);
  }
  return { boxes: parts.join(''), lows: lows.join('') };
}

/** The running total of a side from the price outwards. */
export function curve(chart: Chart, bins: readonly MapBin[], side: SideName, price: number): string {
  const own = bins.filter((bin) => bin.side === side);
  if (own.length === 0) return '';
  const outwards = side === 'long' ? own.reverse() : own;
  const points = [point(chart, chart.price.at(price), chart.total.at(0))];
  for (const bin of outwards) {
    const edge = number(side === 'long' ? bin.price_lo : bin.price_hi);
    points.push(point(chart, chart.price.at(edge), chart.total.at(number(bin.cumulative_usd))));
  }
  return `M${points.map(([x, y]) => `${rounded(x)} ${rounded(y)}`).join('L')}`;
}

/** Index of the bin at a price; the nearest if the price lies outside, -1 without bins. */
export function binAt(bins: readonly MapBin[], price: number): number {
  let low = 0;
  let high = bins.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (number(bins[middle]?.price_hi) > price) high = middle;
    else low = middle + 1;
  }
  return high < 0 ? -1 : low;
}
