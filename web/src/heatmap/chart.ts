// The chart: axes, panning and zooming by lightweight-charts, everything inside of them by our own layers.

import {
  CrosshairMode,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type MouseEventParams,
  PriceScaleMode,
  type Time,
  type UTCTimestamp,
  createChart,
} from 'lightweight-charts';

import { PriceAxis, type PriceSpan } from './axis';
import type { Colours, PriceStyle } from './draw';
import type { View } from './geometry';
import { gestures } from './gestures';
import { type Cell, cellAt } from './hit';
import { Layers, type Scene } from './layers';
import type { Heatmap, HeatColumn } from './merge';
import type { Part } from './raster';
import type { Shading } from './scale';
import { Surface } from './surface';

/** What the page wants to know of the chart. */
export interface ChartEvents {
  /** The cell under the pointer, with its place in the plot; `null` when the pointer leaves. */
  hovered: (at: { cell: Cell; x: number; y: number } | null) => void;
  /** A cell was clicked or tapped. */
  picked: (at: { cell: Cell; x: number; y: number }) => void;
  /** The raster was painted: what stands beside it may have to follow. */
  painted: () => void;
  /** Cells were coloured, in so many milliseconds. */
  coloured: (milliseconds: number, cells: number) => void;
}

/** Words for axes. */
export interface ChartWords {
  price: (price: number) => string;
  /** Time of the crosshair, seconds. */
  time: (seconds: number) => string;
  /** A mark on the time axis: a day, or a time of day. */
  tick: (seconds: number, day: boolean) => string;
}

/** Height of the words on the axes, pixels. */
const FONT = 11;

/** A heatmap on the page. */
export class HeatChart {
  readonly #chart: IChartApi;
  readonly #series: ISeriesApi<'Line'>;
  readonly #layers: Layers;
  readonly #scene: Scene;
  readonly #priceLine: IPriceLine;
  readonly #axis: PriceAxis;
  readonly #release: () => void;

  constructor(host: HTMLElement, colours: Colours, words: ChartWords, events: ChartEvents, motion: boolean) {
    this.#scene = {
      held: null,
      surface: new Surface(events.coloured),
      colours,
      prices: 'candles',
      reported: true,
      marked: [],
    };
    this.#chart = createChart(host, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: FONT, fontFamily: getComputedStyle(host).fontFamily },
      grid: { vertLines: { visible: false }, horzLines: { visible: false } },
      rightPriceScale: { mode: PriceScaleMode.Logarithmic, scaleMargins: { top: 0, bottom: 0 }, entireTextOnly: true },
      timeScale: {
        timeVisible: true,
        minBarSpacing: 0.02,
        fixLeftEdge: true,
        fixRightEdge: true,
        tickMarkFormatter: (time: Time, kind: number) => words.tick(Number(time), kind <= 2),
      },
      localization: { priceFormatter: words.price, timeFormatter: (time: Time) => words.time(Number(time)) },
      crosshair: { mode: CrosshairMode.Normal },
      handleScale: { axisDoubleClickReset: false },
      kineticScroll: { touch: motion, mouse: false },
    });
    this.#series = this.#chart.addSeries(LineSeries, {
      color: 'rgba(0, 0, 0, 0)',
      lastValueVisible: false,
      priceLineVisible: false,
      crosshairMarkerVisible: false,
    });
    this.#axis = new PriceAxis(this.#chart, this.#series);
    this.#priceLine = this.#series.createPriceLine({
      price: 0,
      lineWidth: 1,
      lineStyle: LineStyle.Dotted,
      lineVisible: true,
      axisLabelVisible: true,
      title: '',
    });
    this.#layers = new Layers(this.#chart, this.#series, this.#scene, events.painted);
    this.#series.attachPrimitive(this.#layers);
    this.setColours(colours);
    this.#chart.subscribeCrosshairMove((at) => events.hovered(this.#hit(at)));
    this.#chart.subscribeClick((at) => {
      const hit = this.#hit(at);
      if (hit !== null) events.picked(hit);
    });
    this.#release = gestures(host, () => this.plot().height, {
      zoom: (factor, share) => this.#axis.zoom(factor, share),
      fit: () => this.fit(),
    });
  }

  /** Takes a heatmap and shows all of it. */
  show(held: Heatmap): void {
    const decimals = Math.min(Math.max(held.document.price_decimals, 0), 12);
    this.#series.applyOptions({ priceFormat: { type: 'price', precision: decimals, minMove: 10 ** -decimals } });
    this.#take(held);
    this.#series.setData(held.columns.map(bar));
    this.fit();
  }

  /** Takes a later state of the same heatmap; the view stays at its times and prices, or at the newest column. */
  advance(held: Heatmap): void {
    const before = this.#scene.held;
    const times = this.#chart.timeScale().getVisibleLogicalRange();
    const [first, last] = [held.columns[0], before === null ? -1 : before.columns.length - 1];
    if (before === null || times === null || first === undefined) return this.show(held);
    const dropped = Math.round((first.startMs - (before.columns[0]?.startMs ?? 0)) / (held.document.step_s * 1000));
    const allRows = before.edges !== held.edges && this.#axis.shows(ends(before));
    this.#take(held);
    this.#series.setData(held.columns.map(bar));
    const end = held.columns.length - 1;
    if (times.from <= 0 && times.to >= last) {
      this.#chart.timeScale().setVisibleLogicalRange({ from: -0.5, to: end + 0.5 });
    } else {
      const shift = times.to >= last ? end - last : -dropped;
      this.#chart.timeScale().setVisibleLogicalRange({ from: times.from + shift, to: times.to + shift });
    }
    if (allRows) this.#axis.show(ends(held));
  }

  #take(held: Heatmap): void {
    this.#scene.held = held;
    const step = held.document.step_s * 1000;
    this.#scene.surface.setBlock(held.block, Math.floor((held.columns[0]?.startMs ?? 0) / step));
    this.#priceLine.applyOptions({ price: Number(held.document.price) });
  }

  /** Colours of cells: a pass over the texels, nothing is asked for again. */
  shade(palette: Uint32Array, shading: Shading): void {
    this.#scene.surface.setShading(palette, shading);
    this.#layers.repaint();
  }

  /** Prices and reported liquidations over the raster. */
  overlay(prices: PriceStyle, reported: boolean): void {
    this.#scene.prices = prices;
    this.#scene.reported = reported;
    this.#layers.repaint();
  }

  /** Cells that get an edge. */
  mark(cells: readonly Cell[]): void {
    this.#scene.marked = cells;
    this.#layers.repaint();
  }

  setLog(log: boolean): void {
    this.#axis.setLog(log);
    this.#layers.repaint();
  }

  setColours(colours: Colours): void {
    this.#scene.colours = colours;
    const line = { color: colours.muted, labelBackgroundColor: colours.ink };
    this.#chart.applyOptions({
      layout: { background: { color: colours.background }, textColor: colours.ink },
      rightPriceScale: { borderColor: colours.grid },
      timeScale: { borderColor: colours.grid },
      crosshair: { vertLine: line, horzLine: line },
    });
    this.#priceLine.applyOptions({
      color: '#ffffff',
      axisLabelColor: colours.ink,
      axisLabelTextColor: colours.background,
    });
  }

  /** All columns and all rows. */
  fit(): void {
    const { held } = this.#scene;
    if (held === null) return;
    this.#chart.timeScale().setVisibleLogicalRange({ from: -0.5, to: held.columns.length - 0.5 });
    this.#axis.show(ends(held));
  }

  /** Zooms time and prices about the middle; a factor above one shows more detail. */
  zoom(factor: number): void {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range !== null && this.#scene.held !== null) {
      const last = this.#scene.held.columns.length - 0.5;
      const half = Math.max((range.to - range.from) / factor, 2) / 2;
      const middle = (range.from + range.to) / 2;
      this.#chart.timeScale().setVisibleLogicalRange({
        from: Math.max(middle - half, -0.5),
        to: Math.min(middle + half, last),
      });
    }
    this.#axis.zoom(factor, 0.5);
  }

  /** Moves the view as little as it takes to see a cell. */
  reveal(cell: Cell): void {
    const { held } = this.#scene;
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    const shown = this.#axis.shown();
    if (held === null || range === null || shown === null) return;
    const shift = cell.column - 0.5 < range.from ? cell.column - 0.5 - range.from : Math.max(cell.column + 0.5 - range.to, 0);
    if (shift !== 0) {
      this.#chart.timeScale().setVisibleLogicalRange({ from: range.from + shift, to: range.to + shift });
    }
    const low = held.prices[cell.row - held.rows.first] ?? shown.low;
    const high = held.prices[cell.row - held.rows.first + 1] ?? shown.high;
    const ratio = low < shown.low ? low / shown.low : high > shown.high ? high / shown.high : 1;
    if (ratio !== 1) this.#axis.show({ low: shown.low * ratio, high: shown.high * ratio });
  }

  /** Where columns and rows lie, in pixels of the page. */
  view(): View | null {
    return this.#layers.view(this.plot());
  }

  /** Width and height of the plot without its axes. */
  plot(): { width: number; height: number } {
    return this.#chart.paneSize();
  }

  /** The part of the block of cells that is seen. */
  part(): Part | null {
    const { held } = this.#scene;
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    const shown = this.#axis.shown();
    if (held === null || range === null || shown === null) return null;
    const above = held.prices.filter((price) => price >= shown.high).length;
    const below = held.prices.filter((price) => price <= shown.low).length;
    return {
      from: Math.max(Math.floor(range.from + 0.5), 0),
      to: Math.ceil(range.to + 0.5),
      top: Math.max(above - 1, 0),
      bottom: held.rows.count - Math.max(below - 1, 0),
    };
  }

  /** The price at a height of the plot. */
  priceAt(y: number): number | null {
    return this.#series.coordinateToPrice(y);
  }

  destroy(): void {
    this.#release();
    this.#chart.remove();
  }

  #hit({ point, logical }: MouseEventParams): { cell: Cell; x: number; y: number } | null {
    const { held } = this.#scene;
    if (held === null || point === undefined || logical === undefined) return null;
    const price = this.#series.coordinateToPrice(point.y);
    const cell = price === null ? null : cellAt(held, logical, price);
    return cell === null ? null : { cell, x: point.x, y: point.y };
  }
}

/** Prices of all rows. */
function ends({ prices }: Heatmap): PriceSpan {
  return { low: prices[0] ?? 0, high: prices.at(-1) ?? 0 };
}

/** A column as a bar of the chart; a hole is a bar without a price. */
function bar({ column, startMs }: HeatColumn): { time: UTCTimestamp; value?: number } {
  const time = (startMs / 1000) as UTCTimestamp;
  const close = column.ohlc?.[3];
  return close === undefined ? { time } : { time, value: Number(close) };
}

