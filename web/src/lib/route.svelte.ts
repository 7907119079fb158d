// The view state: all of it stands in the address, so that opening an address gives the same view.

import { checked, fallbackOf, isShared, readQuery, writeQuery, type ParamKey, type ParamValues } from './params';

export const PAGES = ['overview', 'map', 'heatmap', 'brief', 'data', 'api'] as const;
export type PageName = (typeof PAGES)[number];

/** Pages that show one symbol. */
export const SYMBOL_PAGES: readonly PageName[] = ['map', 'heatmap', 'brief'];

const SYMBOL_LIMIT = 64;

/** The page and symbol of a path; `undefined` if there is no such page. */
export function readPath(path: string): { page: PageName; symbol: string } | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const [name, encoded, ...rest] = parts;
  if (rest.length > 0) return undefined;
  if (name === undefined) return { page: 'overview', symbol: '' };
  const page = PAGES.find((known) => known === name && known !== 'overview');
  if (page === undefined || SYMBOL_PAGES.includes(page) !== (encoded !== undefined)) return undefined;
  try {
    const symbol = decodeURIComponent(encoded ?? '');
    return symbol.length <= SYMBOL_LIMIT ? { page, symbol } : undefined;
  } catch {
    return undefined;
  }
}

export function writePath(page: PageName, symbol: string): string {
  if (page === 'overview') return '/';
  return SYMBOL_PAGES.includes(page) ? `/${page}/${encodeURIComponent(symbol)}` : `/${page}`;
}

class Route {
  /** The page shown; `missing` where the address names none. */
  page = $state<PageName | 'missing'>('overview');
  /** The symbol shown, or last shown; empty until one is known. */
  symbol = $state('');
  /** Checked values of the query. */
  values = $state.raw<ParamValues>({});
  /** Sentences about what of the address was not understood. */
  notices = $state.raw<string[]>([]);

  /** The value of a key: the address's, or the default. */
  param(key: ParamKey): string {
    return this.values[key] ?? fallbackOf(key);
  }

  /** Changes values of this page in place (`null` or the default removes one); no new step back. */
  set(changes: Partial<Record<ParamKey, string | null>>): void {
    const values: ParamValues = { ...this.values };
    for (const [key, value] of Object.entries(changes) as [ParamKey, string | null][]) {
      const good = value === null ? undefined : checked(key, value);
      if (good === undefined || good === fallbackOf(key)) delete values[key];
      else values[key] = good;
    }
    if (writeQuery(values) === writeQuery(this.values)) return;
    this.values = values;
    this.#write('replace');
  }

  /** Opens a page, as a new step. What is asked of all pages (as-of, replay) stays; the rest is dropped. */
  go(page: PageName, symbol: string = this.symbol, changes: ParamValues = {}): void {
    const stays = this.page === page;
    const kept = Object.entries(this.values).filter(([key]) => stays || isShared(key as ParamKey));
    this.values = { ...Object.fromEntries(kept), ...changes };
    this.page = page;
    this.symbol = symbol;
    this.notices = [];
    this.#write('push');
  }

  /** The address of a page with what is asked of all pages, for links. */
  href(page: PageName, symbol: string = this.symbol, changes: ParamValues = {}): string {
    const kept = Object.entries(this.values).filter(([key]) => isShared(key as ParamKey));
    return writePath(page, symbol) + writeQuery({ ...Object.fromEntries(kept), ...changes });
  }

  /** The address of this view, with changes (`null` removes a key). */
  address(changes: Partial<Record<ParamKey, string | null>> = {}): string {
    const values: ParamValues = { ...this.values };
    for (const [key, value] of Object.entries(changes) as [ParamKey, string | null][]) {
      if (value === null) delete values[key];
      else values[key] = value;
    }
    const page = this.page === 'missing' ? 'overview' : this.page;
    return writePath(page, this.symbol) + writeQuery(values);
  }

  /** Takes the address over: at the start, and when the reader goes back or forth. */
  read(path: string, query: string): void {
    const place = readPath(path);
    const { values, notices } = readQuery(query);
    this.page = place?.page ?? 'missing';
    if (place !== undefined && place.symbol !== '') this.symbol = place.symbol;
    this.values = values;
    this.notices = notices;
  }

  /** Follows the browser's steps back and forth; gives back how to stop. */
  start(): () => void {
    const follow = () => this.read(location.pathname, location.search);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }

  #write(how: 'push' | 'replace'): void {
    if (typeof history === 'undefined') return;
    const url = this.address();
    if (how === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
  }
}

export const route = new Route();

/** Makes a click on a link of this page a step of the route; other clicks (new tab, modified) are the browser's. */
export function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
  const place = readPath(link.pathname);
  if (place === undefined) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  route.read(link.pathname, link.search);
}
