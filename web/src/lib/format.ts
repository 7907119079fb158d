// Figures as people read them: the program's formatter once more, so that a figure reads the same on the page
// as in its texts and pictures. `format_vectors.json` holds what the program prints, and a test compares.
//
// Takes document values as they come: decimal text or numbers. What does not exist is written as –.

import { fixed, shortest, significant } from './decimal';
import { toMs } from './time';

/** The sign of a fall: U+2212, as wide as + and never mistaken for a hyphen. */
export const MINUS = '\u2212';
/** What stands where a number does not exist. */
export const NONE = '–';

/** A value of a document: decimal text, a number, or nothing. */
export type Figure = string | number | null | undefined;

/** An 80 % interval as documents hold it. */
export interface Bounds {
  lo80: number;
  hi80?: number | null;
}

/** An interval as the value of a figure on the page: `lo/hi`, nothing after the stroke if it is open. */
export function bounds(interval: Bounds | null | undefined): string {
  return interval === null || interval === undefined ? '' : `${interval.lo80}/${interval.hi80 ?? ''}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['T', 1e12],
  ['B', 1e9],
  ['M', 1e6],
  ['K', 1e3],
  ['', 1],
];

/** A document value as a number, for positions; NaN where there is none. */
export function number(value: Figure): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
}

/** Dollars to three significant digits with a unit: `$1.1B`, `$12.4M`, `$770`, `$0`. */
export function usd(value: Figure): string {
  const amount = number(value);
  if (!Number.isFinite(amount)) return NONE;
  const [text, unit] = shortParts(Math.abs(amount));
  return `${amount < 0 && text !== '0' ? MINUS : ''}$${text}${unit}`;
}

/** A range of dollars with one unit, that of the upper end: `$0.7–1.6B`. */
export function usdRange(lo: Figure, hi: Figure): string {
  const [low, high] = [number(lo), number(hi)];
  if (!Number.isFinite(low) || !Number.isFinite(high)) return NONE;
  const [text, unit] = shortParts(Math.abs(high));
  const divisor = UNITS.find(([name]) => name === unit)?.[1] ?? 1;
  return `$${trimmed(significant(Math.abs(low) / divisor, 2))}–${text}${unit}`;
}

/** An 80 % interval of dollars: `$0.7–1.6B`, `$700M or more` where it is open. */
export function usdInterval(interval: Bounds | null | undefined): string {
  if (interval === null || interval === undefined) return NONE;
  return interval.hi80 === null || interval.hi80 === undefined
    ? `${usd(interval.lo80)} or more`
    : usdRange(interval.lo80, interval.hi80);
}

/** An 80 % interval of a move, unsigned: `$1,480–2,690`, `$1,480 or more` where it is open. */
export function distanceRange(interval: Bounds | null | undefined): string {
  if (interval === null || interval === undefined) return NONE;
  const lo = usdDistance(interval.lo80);
  return interval.hi80 === null || interval.hi80 === undefined
    ? `${lo} or more`
    : `${lo}–${usdDistance(interval.hi80).replace(/^\$+/, '')}`;
}

/** An 80 % interval of a move, signed: `−$1,480 … −$2,690`, `−$1,480 … open`. */
export function moveRange(interval: Bounds | null | undefined): string {
  if (interval === null || interval === undefined) return NONE;
  const open = interval.hi80 === null || interval.hi80 === undefined;
  return `${usdSigned(interval.lo80)} … ${open ? 'open' : usdSigned(interval.hi80)}`;
}

/** An unsigned price distance to three significant digits, grouped: `$2,000`, `$0.0123`. */
export function usdDistance(value: Figure): string {
  const distance = number(value);
  if (!Number.isFinite(distance)) return NONE;
  return `$${grouped(trimmed(significant(Math.abs(distance), 3)))}`;
}

/** A signed price distance: `−$2,000`, `+$770`, `$0`. */
export function usdSigned(value: Figure): string {
  const text = usdDistance(value);
  return `${signOf(number(value), text !== '$0')}${text}`;
}

/** A signed percentage with two decimals: `−2.16 %`, `0.00 %`. */
export function percentSigned(value: Figure): string {
  return signedDecimals(number(value), 2);
}

/** A signed percentage with one decimal, for labels inside charts: `−2.2 %`. */
export function percentSignedShort(value: Figure): string {
  return signedDecimals(number(value), 1);
}

/** Money and percent of a move: `−$2,000 (−2.16 %)`. */
export function moveBoth(dollars: Figure, percent: Figure): string {
  return `${usdSigned(dollars)} (${percentSigned(percent)})`;
}

/** A share of one as whole percent: `91 %`; something never reads `0 %`, and not all never `100 %`. */
export function share(value: Figure): string {
  const part = number(value);
  if (!Number.isFinite(part)) return NONE;
  const whole = Math.sign(part) * Math.round(Math.abs(part * 100));
  if (whole === 0 && part > 0) return '<1 %';
  if (whole === 100 && part < 1) return '>99 %';
  return `${whole < 0 ? '-' : ''}${shortest(whole)} %`;
}

/** A range of shares as whole percent: `18–66 %`. */
export function shareRange(lo: Figure, hi: Figure): string {
  return `${share(lo).replace(/ %$/, '')}–${share(hi)}`;
}

/** A price in the instrument's precision with grouped thousands: `92,580.7`; other text unchanged. */
export function price(value: string | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (!/^-?[0-9]+(\.[0-9]+)?$/.test(value)) return value;
  return value.startsWith('-') ? `${MINUS}${grouped(value.slice(1))}` : grouped(value);
}

/** A price level to four significant digits, for text that says "near": `90,580`. */
export function priceNear(value: string): string {
  const level = number(value);
  if (!Number.isFinite(level)) return value;
  return `${level < 0 ? MINUS : ''}${grouped(trimmed(significant(Math.abs(level), 4)))}`;
}

/** A score to two decimals, or fewer from ten on: `0.46`, `17.5`, `658`. */
export function score(value: Figure): string {
  const figure = number(value);
  if (!Number.isFinite(figure)) return NONE;
  const size = Math.abs(figure);
  const text = fixed(size, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
  return figure < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** As `score`, with a plus sign where it is above zero. */
export function scoreSigned(value: Figure): string {
  const text = score(value);
  return number(value) > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A number of any unit to ten significant digits, grouped: `1,407,887.629`. */
export function figure(value: Figure): string {
  const amount = number(value);
  if (!Number.isFinite(amount)) return NONE;
  const text = grouped(trimmed(significant(Math.abs(amount), 10)));
  return amount < 0 && text !== '0' ? `${MINUS}${text}` : text;
}

/** A rate as percent to six significant digits: `0.4 %`, `16.6667 %`. */
export function rate(value: Figure): string {
  const fraction = number(value);
  if (!Number.isFinite(fraction)) return NONE;
  return `${fraction < 0 ? MINUS : ''}${trimmed(significant(Math.abs(fraction) * 100, 6))} %`;
}

/** An age in its largest fitting unit: `2 s`, `5 min`, `3 h`, `2 d`. */
export function age(value: Figure): string {
  const given = number(value);
  if (!Number.isFinite(given)) return NONE;
  const seconds = Math.max(given, 0);
  if (seconds < 99.5) return `${fixed(seconds, 0)} s`;
  if (seconds < 99.5 * 60) return `${fixed(seconds / 60, 0)} min`;
  if (seconds < 47.5 * 3600) return `${fixed(seconds / 3600, 0)} h`;
  return `${fixed(seconds / 86400, 0)} d`;
}

/** An RFC 3339 time in UTC to the minute: `2026-01-04 13:00 UTC`. Other text is returned unchanged. */
export function utcMinute(rfc3339: string): string {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(rfc3339) && rfc3339.endsWith('Z')
    ? `${rfc3339.slice(0, 10)} ${rfc3339.slice(11, 16)} UTC`
    : rfc3339;
}

/** A snapshot id short enough to print: its first eight characters. */
export function snapshotShort(snapshot: string): string {
  return Array.from(snapshot).slice(0, 8).join('');
}

/** How times are shown. */
export type Zone = 'utc' | 'local';

interface TimeParts {
  day: string;
  clock: string;
  zone: string;
}

/** The parts of a time in a zone; minutes east of UTC are asked of the browser, or given. */
function timeParts(rfc3339: string, zone: Zone, offsetMin?: number): TimeParts | undefined {
  const ms = toMs(rfc3339);
  if (Number.isNaN(ms)) return undefined;
  const offset = zone === 'utc' ? 0 : (offsetMin ?? -new Date(ms).getTimezoneOffset());
  const text = new Date(ms + offset * 60_000).toISOString();
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  const minutes = String(size % 60).padStart(2, '0');
  const name = zone === 'utc' ? 'UTC' : `UTC${offset < 0 ? MINUS : '+'}${hours}:${minutes}`;
  return { day: text.slice(0, 10), clock: text.slice(11, 19), zone: name };
}

/** A time to the minute with its zone: `2026-01-04 13:00 UTC`, `2026-01-04 14:00 UTC+01:00`. */
export function timeMinute(rfc3339: string | null | undefined, zone: Zone = 'utc', offsetMin?: number): string {
  if (rfc3339 === null || rfc3339 === undefined) return NONE;
  const parts = timeParts(rfc3339, zone, offsetMin);
  return parts === undefined ? rfc3339 : `${parts.day} ${parts.clock.slice(0, 5)} ${parts.zone}`;
}

/** A time to the second with its zone. */
export function timeSecond(rfc3339: string | null | undefined, zone: Zone = 'utc', offsetMin?: number): string {
  if (rfc3339 === null || rfc3339 === undefined) return NONE;
  const parts = timeParts(rfc3339, zone, offsetMin);
  return parts === undefined ? rfc3339 : `${parts.day} ${parts.clock} ${parts.zone}`;
}

/** The day of a time, `2026-01-04`. */
export function day(rfc3339: string, zone: Zone = 'utc', offsetMin?: number): string {
  return timeParts(rfc3339, zone, offsetMin)?.day ?? rfc3339;
}

/** The clock time to the minute, `13:00`, where day and zone stand beside it. */
export function clockMinute(rfc3339: string, zone: Zone = 'utc', offsetMin?: number): string {
  return timeParts(rfc3339, zone, offsetMin)?.clock.slice(0, 5) ?? rfc3339;
}

/** Number and unit of a non-negative amount, rounded before the unit is chosen so that 999.95M is 1B. */
function shortParts(amount: number): [string, string] {
  if (amount < 0.005) return ['0', ''];
  const value = Number(significant(amount, 3));
  for (const [unit, divisor] of UNITS) {
    if (value >= divisor) return [grouped(trimmed(significant(value / divisor, 3))), unit];
  }
  // Below a dollar there is nothing smaller than a cent.
  return [trimmed(fixed(amount, 2)), ''];
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

/** Commas between thousands of an unsigned decimal number. */
function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? commas : `${commas}.${fraction}`;
}

function signedDecimals(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return NONE;
  const text = fixed(Math.abs(value), decimals);
  return `${signOf(value, /[1-9]/.test(text))}${text} %`;
}

/** The sign of what is shown: a number that rounds to zero has none. */
function signOf(value: number, showsSomething: boolean): string {
  if (!showsSomething || !Number.isFinite(value)) return '';
  return value < 0 ? MINUS : '+';
}
