// The price axis: which prices are shown, and how they are zoomed.

import { type IChartApi, type ISeriesApi, PriceScaleMode, type SeriesType } from 'lightweight-charts';

/** Prices from the lower to the upper end of the plot. */
export interface PriceSpan {
  readonly low: number;
  readonly high: number;
}

/** Logarithms of the narrowest and the widest span that is zoomed to. */
const NARROWEST = 1e-4;
const WIDEST = 20;

export class PriceAxis {
  readonly #chart: IChartApi;
  readonly #series: ISeriesApi<SeriesType>;
  /** What the axis is to show when it is set; afterwards it is the reader's. */
  #wanted: { minValue: number; maxValue: number } | null = null;

  constructor(chart: IChartApi, series: ISeriesApi<SeriesType>) {
    this.#chart = chart;
    this.#series = series;
    series.applyOptions({
      autoscaleInfoProvider: () => (this.#wanted === null ? null : { priceRange: this.#wanted }),
    });
  }

  /** What is shown; `null` before anything is. */
  shown(): PriceSpan | null {
    // The lowest line of pixels has the lowest price.
    const bottom = this.#chart.paneSize().height - 1;
    const [high, low] = [this.#series.coordinateToPrice(0), this.#series.coordinateToPrice(bottom)];
    return high === null || low === null || !(high > low) || low <= 0 ? null : { low, high };
  }

  /** Shows these prices. Setting a range is done by scaling to it once: the axis stays free after. */
  show({ low, high }: PriceSpan): void {
    if (!(high > low) || low <= 0) return;
    const scale = this.#chart.priceScale('right');
    this.#wanted = { minValue: low, maxValue: high };
    // Naming the mode again makes the scale forget its range; asking for a place makes it take the wanted one.
    scale.applyOptions({ autoScale: true, mode: scale.options().mode });
    this.#series.priceToCoordinate(low);
    scale.applyOptions({ autoScale: false });
  }

  /** Whether just these prices are shown, to within a pixel or so. */
  shows({ low, high }: PriceSpan): boolean {
    const shown = this.shown();
    const least = 0.003 * Math.log(high / low);
    return shown !== null && Math.abs(Math.log(shown.low / low)) < least && Math.abs(Math.log(shown.high / high)) < least;
  }

  /** Zooms about a share of the height from the top; a factor above one shows more detail. */
  zoom(factor: number, share: number): void {
    const shown = this.shown();
    if (shown === null) return;
    const span = Math.log(shown.high / shown.low);
    const wanted = Math.min(Math.max(span / factor, NARROWEST), WIDEST);
    const high = Math.log(shown.high) - (span - wanted) * share;
    this.show({ low: Math.exp(high - wanted), high: Math.exp(high) });
  }

  /** Equal steps for equal ratios, or for equal differences. What is shown stays. */
  setLog(log: boolean): void {
    const shown = this.shown();
    this.#chart.priceScale('right').applyOptions({ mode: log ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
    if (shown !== null) this.show(shown);
  }
}
