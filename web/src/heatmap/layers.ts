// The raster and what lies over it, as layers of the chart.

import type {
  IChartApi,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  PrimitivePaneViewZOrder,
  SeriesType,
  Time,
} from 'lightweight-charts';

import {
  type Colours,
  type Pen,
  type PriceStyle,
  drawCells,
  drawCursor,
  drawForming,
  drawGaps,
  drawPrices,
  drawReported,
} from './draw';
import type { View } from './geometry';
import type { Cell } from './hit';
import type { Heatmap } from './merge';
import type { Surface } from './surface';

/** The canvas of the chart, as its layers are handed it. */
type Target = Parameters<NonNullable<ReturnType<IPrimitivePaneView['renderer']>>['draw']>[0];

/** Everything the layers show. */
export interface Scene {
  held: Heatmap | null;
  surface: Surface;
  colours: Colours;
  prices: PriceStyle;
  reported: boolean;
  /** Cells with an edge: where the keyboard is, where a tooltip is pinned. */
  marked: readonly Cell[];
}

/** Draws a scene on a chart whose columns are the bars of `series`. */
export class Layers implements ISeriesPrimitive<Time> {
  readonly #chart: IChartApi;
  readonly #series: ISeriesApi<SeriesType>;
  readonly #scene: Scene;
  readonly #views: readonly IPrimitivePaneView[];
  #requestUpdate: (() => void) | null = null;

  /** `painted` is called after each painting of the raster, so that what stands beside it can follow. */
  constructor(chart: IChartApi, series: ISeriesApi<SeriesType>, scene: Scene, painted: () => void) {
    this.#chart = chart;
    this.#series = series;
    this.#scene = scene;
    this.#views = [
      this.#layer('bottom', (pen, view, held) => {
        drawCells(pen, view, held, scene.surface);
        drawGaps(pen, view, held, scene.colours);
      }),
      this.#layer('normal', (pen, view, held) => {
        drawForming(pen, view, held);
        drawPrices(pen, view, held, scene.prices);
        if (scene.reported) drawReported(pen, view, held);
        painted();
      }),
      this.#layer('top', (pen, view, held) => {
        for (const cell of scene.marked) drawCursor(pen, view, held, cell);
      }),
    ];
  }

  attached({ requestUpdate }: { requestUpdate: () => void }): void {
    this.#requestUpdate = requestUpdate;
  }

  detached(): void {
    this.#requestUpdate = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  /** Asks for a new painting, in the next frame. */
  repaint(): void {
    this.#requestUpdate?.();
  }

  #layer(
    zOrder: PrimitivePaneViewZOrder,
    draw: (pen: Pen, view: View, held: Heatmap) => void,
  ): IPrimitivePaneView {
    const renderer = {
      draw: (target: Target): void => {
        target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio, verticalPixelRatio }) => {
          const { held } = this.#scene;
          const view = this.view(bitmapSize, horizontalPixelRatio, verticalPixelRatio);
          if (held !== null && view !== null) draw({ context, ratio: horizontalPixelRatio }, view, held);
        });
      },
    };
    return { zOrder: () => zOrder, renderer: () => renderer };
  }

  /** Where columns and rows lie, in pixels of a bitmap with so many pixels to one of the page. */
  view(size: { width: number; height: number }, horizontal = 1, vertical = 1): View | null {
    const scale = this.#chart.timeScale();
    const x0 = scale.logicalToCoordinate(0 as never);
    const x1 = scale.logicalToCoordinate(1 as never);
    if (x0 === null || x1 === null || !(x1 > x0)) return null;
    return {
      ...size,
      x0: (x0 + 0.5) * horizontal,
      spacing: (x1 - x0) * horizontal,
      y: (price) => (this.#series.priceToCoordinate(price) ?? 0) * vertical,
    };
  }
}
