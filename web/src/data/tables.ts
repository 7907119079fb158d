// The series and the state of the data as tables, with exact values.

import type { Channel, FundingDocument, GapsDocument, OiDocument, PriceDocument, Stamp, TapeDocument } from '../lib/documents';
import { age, figure, price, rate, timeMinute, timeSecond, usd, type Zone } from '../lib/format';
import { channelState } from '../lib/freshness';
import type { Cell, Column, Row, Tone } from '../lib/table';

const time = (zone: Zone, value: string | null | undefined): Cell => ({ value: value ?? null, text: timeMinute(value, zone) });

export const PRICE_COLUMNS: readonly Column[] = [
  { key: 'start', title: 'From', names: true },
  { key: 'end', title: 'To' },
  { key: 'open', title: 'Open', align: 'end' },
  { key: 'high', title: 'High', align: 'end' },
  { key: 'low', title: 'Low', align: 'end' },
  { key: 'close', title: 'Close', align: 'end' },
  { key: 'volume', title: 'Volume', align: 'end' },
];

export function priceRows(document: PriceDocument, zone: Zone): Row[] {
  return document.candles.map((candle, at) => {
    const cell = (field: 'open' | 'high' | 'low' | 'close'): Cell => ({
      value: candle[field], text: price(candle[field]), figure: `price.candles[${at}].${field}`,
    });
    return {
      start: time(zone, candle.start),
      end: time(zone, candle.end),
      open: cell('open'),
      high: cell('high'),
      low: cell('low'),
      close: cell('close'),
      volume: { value: candle.volume ?? null, text: figure(candle.volume), figure: `price.candles[${at}].volume` },
    };
  });
}

export const OI_COLUMNS: readonly Column[] = [
  { key: 'ts', title: 'When', names: true },
  { key: 'size', title: 'Contracts or coin', align: 'end' },
  { key: 'usd', title: 'Dollars', align: 'end' },
];

export function oiRows(document: OiDocument, zone: Zone): Row[] {
  return document.points.map((point, at) => ({
    ts: time(zone, point.ts),
    size: { value: point.size, text: figure(point.size), figure: `oi.points[${at}].size` },
    usd: { value: point.usd ?? null, text: usd(point.usd), figure: `oi.points[${at}].usd` },
  }));
}

export const FUNDING_COLUMNS: readonly Column[] = [
  { key: 'ts', title: 'When', names: true },
  { key: 'rate', title: 'Rate', align: 'end' },
  { key: 'interval', title: 'Per', align: 'end' },
  { key: 'kind', title: 'Kind' },
];

export function fundingRows(document: FundingDocument, zone: Zone): Row[] {
  return document.points.map((point, at) => ({
    ts: time(zone, point.ts),
    rate: { value: point.rate, text: rate(point.rate), figure: `funding.points[${at}].rate` },
    interval: { value: point.interval_h, text: `${point.interval_h} h` },
    kind: point.kind,
  }));
}

export const TAPE_COLUMNS: readonly Column[] = [
  { key: 'ts', title: 'When', names: true },
  { key: 'side', title: 'Side' },
  { key: 'usd', title: 'Dollars', align: 'end' },
  { key: 'size', title: 'Contracts or coin', align: 'end' },
  { key: 'price', title: 'Price', align: 'end', about: 'As reported; none of a sum' },
  { key: 'valued', title: 'Valued at', align: 'end', about: 'The price the dollars are taken at' },
  { key: 'period', title: 'Summed over', align: 'end', about: 'Length of the period summed; none of a single order' },
  { key: 'complete', title: 'Shows', about: 'All liquidations, or some: a floor' },
];

export function tapeRows(document: TapeDocument, zone: Zone): Row[] {
  return document.rows.map((row, at) => ({
    ts: { value: row.ts, text: timeSecond(row.ts, zone) },
    side: { value: row.side, text: row.side === 'long' ? '▼ longs' : '▲ shorts', tone: row.side },
    usd: { value: row.usd ?? null, text: usd(row.usd), figure: `tape.rows[${at}].usd`, tone: row.side },
    size: { value: row.size, text: figure(row.size), figure: `tape.rows[${at}].size` },
    price: { value: row.price ?? null, text: price(row.price) },
    valued: { value: row.valued_at ?? null, text: price(row.valued_at) },
    period: { value: row.period_s ?? null, text: row.period_s == null ? 'one order' : age(row.period_s) },
    complete: { value: row.completeness, text: row.completeness === 'full' ? 'all' : 'a floor' },
  }));
}

export const GAP_COLUMNS: readonly Column[] = [
  { key: 'channel', title: 'Channel', names: true },
  { key: 'from', title: 'From' },
  { key: 'to', title: 'To' },
  { key: 'length', title: 'Length', align: 'end' },
  { key: 'cause', title: 'Cause' },
];

export function gapRows(document: GapsDocument, zone: Zone): Row[] {
  return document.channels.flatMap((channel, c) =>
    channel.gaps.map((gap, g) => ({
      channel: channelName(channel.name),
      from: time(zone, gap.from),
      to: time(zone, gap.to),
      length: { value: gap.seconds, text: age(gap.seconds), figure: `gaps.channels[${c}].gaps[${g}].seconds` },
      cause: gap.cause,
    })),
  );
}

export const FRESH_COLUMNS: readonly Column[] = [
  { key: 'market', title: 'Market', names: true },
  { key: 'channel', title: 'Channel' },
  { key: 'resolution', title: 'Resolution' },
  { key: 'newest', title: 'Newest' },
  { key: 'age', title: 'Age', align: 'end' },
  { key: 'limit', title: 'Limit', align: 'end', about: 'Older counts as stale' },
  { key: 'bar', title: 'Age against limit', sortable: false },
  { key: 'state', title: 'State' },
];

/** One row for each channel of each market of each row of the overview. */
export function freshRows(rows: Stamped, zone: Zone): Row[] {
  return rows.flatMap(({ stamp }, r) =>
    stamp.markets.flatMap((market, m) =>
      market.channels.map((channel, c) => freshRow(market.title, channel, `overview.rows[${r}].stamp.markets[${m}].channels[${c}]`, zone)),
    ),
  );
}

function freshRow(title: string, channel: Channel, figureOf: string, zone: Zone): Row {
  const { text, tone, state } = freshness(channel);
  return {
    market: title,
    channel: channelName(channel.name),
    resolution: channel.resolution,
    newest: time(zone, channel.newest),
    age: { value: channel.age_s ?? null, text: age(channel.age_s), figure: `${figureOf}.age_s`, tone },
    limit: { value: channel.limit_s, text: age(channel.limit_s), figure: `${figureOf}.limit_s` },
    state: { value: state, text, tone },
  };
}

function freshness(channel: Channel): { readonly state: string; readonly text: string; readonly tone: Tone | undefined } {
  const state = channelState({ age_s: channel.age_s ?? null, limit_s: channel.limit_s });
  const text = { fresh: '● fresh', stale: '▲ stale', missing: '○ missing' }[state];
  return { state, text, tone: state === 'fresh' ? undefined : 'warning' };
}

type Stamped = readonly { readonly stamp: Stamp }[];

/** Columns of the matrix of markets and channels: every channel that any market has, in order of appearance. */
export function matrixColumns(rows: Stamped): Column[] {
  const names = new Set(rows.flatMap(({ stamp }) => stamp.markets.flatMap(({ channels }) => channels.map(({ name }) => name))));
  return [
    { key: 'market', title: 'Market', names: true },
    ...[...names].map((name): Column => ({ key: `channel ${name}`, title: channelName(name), about: 'Sorted by age' })),
  ];
}

/** One row a market, one cell a channel. */
export function matrixRows(rows: Stamped, zone: Zone): Row[] {
  return rows.flatMap(({ stamp }, r) =>
    stamp.markets.map((market, m) => {
      const cells = market.channels.map((channel, c): [string, Cell] => {
        const { text, tone } = freshness(channel);
        const figure = `overview.rows[${r}].stamp.markets[${m}].channels[${c}].age_s`;
        return [
          `channel ${channel.name}`,
          {
            value: channel.age_s ?? null,
            lines: [
              { value: channel.age_s ?? null, mark: text, text: age(channel.age_s), figure, tone },
              { value: channel.limit_s, text: `${channel.resolution}, limit ${age(channel.limit_s)}`, tone: 'quiet' },
              { value: channel.newest ?? null, text: timeMinute(channel.newest, zone), tone: 'quiet' },
            ],
          },
        ];
      });
      return { market: market.title, ...Object.fromEntries(cells) };
    }),
  );
}

/** `bar-trades-1m` as people read it. */
export function channelName(name: string): string {
  return name.replaceAll('-', ' ');
}
