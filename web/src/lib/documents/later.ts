// Documents whose schemas the program does not print yet. Each moves to `generated.ts` as soon as it does.
// Times are RFC 3339 in UTC; money and prices are decimal text.

import type {
  AtMove,
  Cluster,
  Coverage,
  DayRange,
  Evidence,
  Grade,
  Interval,
  MarketStamp,
  Price,
  ReachPair,
  Reporting,
  SideName,
  Usd,
} from './generated';

/** What every answer carries at its head. */
export interface Stamp {
  schema: string;
  symbol: string;
  model: string;
  as_of: string;
  snapshot: string;
  age_s: number;
  price: Price;
  price_decimals: number;
  grade: Grade;
  coverage: Coverage;
  evidence: Evidence;
  reporting?: Reporting | null;
  markets: MarketStamp[];
  warnings: string[];
}

/** Where the server's time stands. */
export interface Clock {
  mode: 'recorded' | 'replay' | 'live';
  now: string;
  speed: number | null;
  playing: boolean;
  from: string | null;
  to: string | null;
}

/** An error as the server tells it (RFC 9457). */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  hint?: string | null;
  trace_id?: string | null;
  limit?: string | number | null;
  wanted?: string | number | null;
  example?: string | null;
}

export interface SymbolRow {
  symbol: string;
  market: string;
  venue: string;
  venue_title: string;
  title: string;
  base: string;
  quote: string;
  contract: 'linear' | 'inverse';
  price_decimals: number;
  first: string | null;
  newest: string | null;
  evidence: ('measured' | 'modelled')[];
}

export interface SymbolsDocument {
  schema: string;
  symbols: SymbolRow[];
}

/** `ladder/1`: at and reach on a ladder of prices and amounts. */
export interface LadderDocument extends Stamp {
  /** Moves by rising price. */
  at: AtMove[];
  /** Both sides' distances by rising amount. */
  reach: ReachPair[];
}

/** One market of an overview. */
export interface OverviewRow {
  stamp: Stamp;
  /** The last 24 hours, `null` without a day of history. */
  day: DayRange | null;
  /** Change of one-sided open interest in contracts or base coin, percent. */
  open_interest_change_24h_pct: number | null;
  /** Fraction of notional that longs pay to shorts per interval. */
  funding_rate: number | null;
  funding_interval_h: number | null;
  /** Moves of −5, −2, −1, +1, +2 and +5 %. */
  at: AtMove[];
  nearest_long: Cluster | null;
  nearest_short: Cluster | null;
  /** Reach marks for an amount both sides can meet. */
  marks: ReachPair | null;
  /** Dollars of longs and of shorts; a floor on throttled feeds. */
  reported_24h_usd: [Usd, Usd] | null;
}

export interface OverviewDocument {
  schema: string;
  as_of: string;
  rows: OverviewRow[];
  failed: { symbol: string; code: string; message: string }[];
}

export interface HealthDocument {
  schema: string;
  version: string;
  started: string;
  clock: Clock;
  markets: {
    symbol: string;
    market: string;
    state: 'loading' | 'ready' | 'failed';
    newest: string | null;
    problem: string | null;
  }[];
  load: { running: number; waiting: number; places: number; sockets: number; subscriptions: number; documents: number };
}

/** `tick/1`: the price as it moves. */
export interface TickDocument {
  schema: string;
  symbol: string;
  as_of: string;
  price: Price;
  price_decimals: number;
  change_24h_pct: number | null;
  age_s: number;
  grade: Grade;
  coverage: Coverage;
  snapshot: string;
}

/** Head of what is read off a market's log. */
export interface SeriesHead {
  schema: string;
  symbol: string;
  market: string;
  as_of: string;
  /** First and last moment asked for. */
  from: string;
  to: string;
}

export interface TapeRow {
  /** When it happened; of a sum, the end of its period. */
  ts: string;
  known: string;
  /** Length of the period summed; `null` of a single order. */
  period_s: number | null;
  side: SideName;
  /** Base coin or contracts. */
  size: number;
  price: Price | null;
  /** The price the dollars are taken at. */
  valued_at: Price | null;
  usd: Usd | null;
  /** What a sum of such reports means. */
  completeness: 'full' | 'floor';
}

export interface TapeDocument extends SeriesHead {
  min_usd: Usd | null;
  rows: TapeRow[];
  next: string | null;
}

export interface Candle {
  start: string;
  end: string;
  open: Price;
  high: Price;
  low: Price;
  close: Price;
  volume: number | null;
}

export interface PriceDocument extends SeriesHead {
  step_s: number;
  /** The length asked for, if it would have given too many candles. */
  finer_step_s: number | null;
  candles: Candle[];
  /** Stretches about which nothing is known: from, to. */
  gaps: [string, string][];
}

export interface OiPoint {
  ts: string;
  size: number;
  usd: Usd | null;
}

export interface OiDocument extends SeriesHead {
  step_s: number;
  /** Readings left out for the step. */
  left_out: number;
  points: OiPoint[];
}

export interface FundingPoint {
  ts: string;
  rate: number;
  interval_h: number;
  kind: 'settled' | 'predicted';
}

export interface FundingDocument extends SeriesHead {
  step_s: number;
  left_out: number;
  points: FundingPoint[];
}

/** A stretch without data where there should be some. */
export interface Gap {
  from: string;
  to: string;
  seconds: number;
  cause: string;
}

export interface GapChannel {
  name: string;
  first: string | null;
  newest: string | null;
  /** Usual time between neighbouring data; `null` of data that come irregularly. */
  period_s: number | null;
  gaps: Gap[];
}

export interface GapsDocument extends SeriesHead {
  channels: GapChannel[];
}

export interface VenueFacts {
  venue: string;
  title: string;
  open_interest: { sides: number; words: string };
  liquidations: { kind: 'orders' | 'sums' | 'mixed'; completeness: 'full' | 'floor'; words: string } | null;
  /** Days on which a maintenance schedule was recorded. */
  margin_tables: string[];
  markets: string[];
}

export interface VenuesDocument {
  schema: string;
  venues: VenueFacts[];
}

export type { Interval };
