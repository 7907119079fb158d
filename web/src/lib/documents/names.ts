// What is no document of its own: heads that documents share, and problems. And shorter names for some of their parts.

import type {
  ChannelGaps,
  ClockFacts,
  FundingSeriesDocument,
  Hole,
  LiquidationLadderDocument,
  OpenInterestPoint,
  OpenInterestSeriesDocument,
  PriceSeriesDocument,
  SymbolFacts,
  TapeDocument,
} from './generated';

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

/** Head of what is read off a market's log. */
export type SeriesHead = Pick<TapeDocument, 'schema' | 'symbol' | 'market' | 'as_of' | 'from' | 'to'>;

export type Clock = ClockFacts;
export type SymbolRow = SymbolFacts;
export type GapChannel = ChannelGaps;
export type Gap = Hole;
export type OiPoint = OpenInterestPoint;
export type LadderDocument = LiquidationLadderDocument;
export type PriceDocument = PriceSeriesDocument;
export type OiDocument = OpenInterestSeriesDocument;
export type FundingDocument = FundingSeriesDocument;
