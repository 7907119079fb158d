// Documents whose schemas the program does not print yet. Each moves to `generated.ts` as soon as it does.
// Times are RFC 3339 in UTC; money and prices are decimal text.

import type {
  AtMove,
  Cluster,
  Coverage,
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

export interface OverviewRow {
  symbol: string;
  market: string;
  title: string;
  as_of: string;
  snapshot: string;
  age_s: number;
  grade: Grade;
  coverage: Coverage;
  price: Price;
  price_decimals: number;
  change_24h_pct: number | null;
  open_interest_usd: Usd | null;
  open_interest_change_24h_pct: number | null;
  funding: { rate: number; interval_h: number | null; ts: string } | null;
  /** Dollars of longs below and of shorts above within ±1, 2, 5 %. */
  within: { pct: number; long_usd: Usd; short_usd: Usd }[];
  nearest: { long: Cluster | null; short: Cluster | null };
  reach: ReachPair | null;
  reported_24h: { long_usd: Usd; short_usd: Usd } | null;
  closes: number[];
}

export interface OverviewDocument {
  schema: string;
  as_of: string;
  rows: OverviewRow[];
  failed: { symbol: string; problem: Problem }[];
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
  load: Record<string, unknown>;
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

export interface TapeRow {
  /** End of the period the report covers. */
  ts: string;
  known: string;
  side: SideName;
  size: string;
  price: Price;
  usd: Usd;
  period_s: number | null;
}

export interface TapeDocument {
  schema: string;
  symbol: string;
  as_of: string;
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
  volume: string | null;
}

export interface Gap {
  from: string;
  to: string;
  seconds: number;
  cause: string;
}

export interface PriceDocument {
  schema: string;
  symbol: string;
  as_of: string;
  step_s: number;
  candles: Candle[];
  gaps: Gap[];
}

export interface OiDocument {
  schema: string;
  symbol: string;
  as_of: string;
  points: { ts: string; size: string; usd: Usd | null }[];
}

export interface FundingDocument {
  schema: string;
  symbol: string;
  as_of: string;
  points: { ts: string; rate: number; interval_h: number | null; kind: string }[];
}

export interface GapsDocument {
  schema: string;
  symbol: string;
  as_of: string;
  channels: { name: string; first: string | null; newest: string | null; period_s: number | null; gaps: Gap[] }[];
}

export interface VenuesDocument {
  schema: string;
  venues: {
    venue: string;
    title: string;
    open_interest: string;
    liquidation_feed: string;
    markets: string[];
  }[];
}

export type { Interval };
