// The documents of the server, by name.
export type * from './generated';
export type * from './names';

import type {
  AtDocument,
  BriefDocument,
  ClustersDocument,
  GapsDocument,
  HealthDocument,
  HeatmapDocument,
  MapDocument,
  OverviewDocument,
  ReachDocument,
  SymbolsDocument,
  TapeDocument,
  TickDocument,
  VenuesDocument,
} from './generated';
import type { FundingDocument, LadderDocument, OiDocument, PriceDocument } from './names';

/** Documents that answer for one symbol at one moment, by the channel and path they come from. */
export interface StateDocuments {
  at: AtDocument;
  reach: ReachDocument;
  map: MapDocument;
  ladder: LadderDocument;
  clusters: ClustersDocument;
  brief: BriefDocument;
  heatmap: HeatmapDocument;
  overview: OverviewDocument;
  health: HealthDocument;
  /** The price as it moves; only the socket has it. */
  tick: TickDocument;
}

/** Documents that are asked for and not subscribed to. */
export interface SeriesDocuments {
  symbols: SymbolsDocument;
  venues: VenuesDocument;
  tape: TapeDocument;
  price: PriceDocument;
  oi: OiDocument;
  funding: FundingDocument;
  gaps: GapsDocument;
}

export type Documents = StateDocuments & SeriesDocuments;
export type DocumentName = keyof Documents;
