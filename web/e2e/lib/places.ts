// Sizes, pages and the days that the tests walk.
import { fileURLToPath } from 'node:url';

export const DESKTOP = { width: 1366, height: 768 } as const;
export const PHONE = { width: 390, height: 844 } as const;
export const SIZES = { desktop: DESKTOP, phone: PHONE } as const;
export type SizeName = keyof typeof SIZES;

export const ARTEFACTS = fileURLToPath(new URL('../artefacts/', import.meta.url));

/** The one market of the bundled days, and when there is a minute of every channel. */
export const SYMBOL = 'BTC';
export const FIRST = '2026-03-15T02:00:00Z';
export const LAST = '2026-03-20T23:59:00Z';
/** A quiet moment with an answer on both sides. */
export const NOON = '2026-03-18T12:00:00Z';

export const PAGES = {
  overview: '/',
  map: `/map/${SYMBOL}`,
  heatmap: `/heatmap/${SYMBOL}`,
  brief: `/brief/${SYMBOL}`,
  data: '/data',
  api: '/api',
} as const;
export type PageName = keyof typeof PAGES;
export const PAGE_NAMES = Object.keys(PAGES) as PageName[];
