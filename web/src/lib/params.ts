// What may stand in the query of an address: every key the page knows, how a value is checked, and what it
// is where the address says nothing. Unknown keys are ignored; a bad value is reported and falls back.

import { asTime } from './time';

interface Param {
  /** The value in its canonical spelling, or `undefined` if it is none. */
  parse: (text: string) => string | undefined;
  /** What holds where the key is absent. */
  fallback: string;
  /** In words, for the notice about a bad value. */
  wanted: string;
  /** Stays in the address when another page is opened. */
  shared?: true;
}

const choice = (options: readonly string[], fallback: string): Param => ({
  parse: (text) => (options.includes(text) ? text : undefined),
  fallback,
  wanted: `one of ${options.join(', ')}`,
});

const flag = (fallback: 'on' | 'off'): Param => choice(['on', 'off'], fallback);

const matching = (pattern: RegExp, fallback: string, wanted: string): Param => ({
  parse: (text) => (pattern.test(text) ? text : undefined),
  fallback,
  wanted,
});

const time: Param = { parse: asTime, fallback: '', wanted: 'a time such as 2026-03-18T12:00Z' };

/** Where colours begin or end: a percentile, or dollars with a unit. */
const CUT = /^((100|\d{1,2})(\.\d{1,2})?|\d{1,6}(\.\d{1,3})?[KMB])$/;

const params = {
  // Everywhere.
  as_of: { ...time, shared: true },
  replay: { ...time, shared: true },
  speed: { ...choice(['1', '10', '60', '100', '300', '1000'], '60'), shared: true },
  theme: choice(['light', 'dark', 'contrast'], ''),
  tz: choice(['utc', 'local'], ''),
  evidence: { ...choice(['measured', 'modelled'], ''), shared: true },
  model: { ...choice(['m0', 'm1', 'm2'], ''), shared: true },
  stale: { ...flag('off'), shared: true },

  // Map. `win` is the window either way in percent; `bands` the leverage bands that are hidden.
  win: choice(['2', '5', '10', '25'], '10'),
  bin: matching(/^(auto|\d{1,7}(\.\d{1,8})?(usd|bp))$/, 'auto', 'auto, or a width such as 50usd or 10bp'),
  scale: choice(['linear', 'log'], 'linear'),
  cum: flag('on'),
  band: flag('off'),
  bands: matching(/^[1-5]{0,5}$/, '', 'the numbers of the hidden leverage bands, such as 12'),
  amount: matching(/^\d{1,12}(\.\d{1,6})?[kKmMbB]?$/, '', 'an amount such as 20M'),
  move: matching(/^to:\d{1,12}(\.\d{1,12})?$/, '', 'a price such as to:75000'),
  sort: matching(/^-?[a-z_]{1,20}$/, '', 'the name of a column'),
  view: choice(['chart', 'table'], 'chart'),

  // Heatmap.
  last: matching(/^\d{1,4}[mhdw]$/, '24h', 'a span such as 24h or 6d'),
  step: matching(/^(auto|\d{1,5}[smhd])$/, 'auto', 'auto, or a span such as 10m'),
  row: matching(/^\d{1,4}(\.\d{1,2})?bp$/, '10bp', 'a width such as 10bp'),
  palette: choice(['viridis', 'cividis', 'inferno', 'greys'], 'viridis'),
  axis: choice(['log', 'linear'], 'log'),
  lo: matching(CUT, '', 'a percentile from 0 to 100, or dollars such as 500K'),
  hi: matching(CUT, '', 'a percentile from 0 to 100, or dollars such as 500K'),
  min: matching(/^\d{1,6}[KM]?$/, '', 'dollars such as 500K'),
  contrast: choice(['fixed', 'fit', 'side'], 'fixed'),
  price: choice(['candles', 'line', 'none'], 'candles'),
  bubbles: flag('on'),

  // Heatmap and brief: distance shown or looked at, percent; empty for the document's own choice.
  within: matching(/^\d{1,2}(\.\d{1,4})?$/, '', 'a percentage such as 5'),

  // Overview and data. `of` is the market whose data are shown, `list` how markets are laid out.
  of: matching(/^[^<>&"'\s]{1,64}$/, '', 'the name of a market'),
  list: choice(['auto', 'cards', 'table'], 'auto'),
  filter: matching(/^[^<>&"']{0,40}$/, '', 'up to 40 letters'),
  days: choice(['1', '7', '30', '90'], '7'),

  // API: the operation that is open.
  op: matching(/^[\w.{}/ -]{1,80}$/, '', 'the name of an operation'),
} satisfies Record<string, Param>;

export type ParamKey = keyof typeof params;
export type ParamValues = Partial<Record<ParamKey, string>>;

const table: Readonly<Record<string, Param>> = params;

export function isParamKey(key: string): key is ParamKey {
  return Object.hasOwn(table, key);
}

/** The value a key has where the address does not say. */
export function fallbackOf(key: ParamKey): string {
  return params[key].fallback;
}

/** A value in canonical spelling, or `undefined` if it is not one of this key. */
export function checked(key: ParamKey, text: string): string | undefined {
  return text === '' ? undefined : params[key].parse(text);
}

/** Whether the key stays when another page is opened. */
export function isShared(key: ParamKey): boolean {
  return table[key]?.shared === true;
}

/** What a query says: the values that hold, and a sentence about each that does not. */
export function readQuery(query: string): { values: ParamValues; notices: string[] } {
  const values: ParamValues = {};
  const notices: string[] = [];
  for (const [key, text] of new URLSearchParams(query)) {
    if (!isParamKey(key) || values[key] !== undefined || text === '') continue;
    const value = checked(key, text);
    if (value === undefined) {
      const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
      notices.push(`The address asks for ${key}=${shown}, which is not ${params[key].wanted}; it was left out.`);
    } else {
      values[key] = value;
    }
  }
  return { values, notices };
}

/** The query that says what differs from the defaults, keys in the order of the table. */
export function writeQuery(values: ParamValues): string {
  const out: string[] = [];
  for (const key of Object.keys(params) as ParamKey[]) {
    const value = values[key];
    if (value === undefined || value === '' || value === fallbackOf(key)) continue;
    // Times, prices and spans read better unescaped, and a query may hold these signs.
    out.push(`${key}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2C', ',')}`);
  }
  return out.length === 0 ? '' : `?${out.join('&')}`;
}
