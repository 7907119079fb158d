// Times of the page: RFC 3339 in UTC, to the second. No clock is read here.

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Text as a time in canonical spelling (`2026-03-18T12:00:00Z`), or `undefined` if it is none. */
export function asTime(text: string): string | undefined {
  const parts = SHAPE.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  // Some engines roll 30 February over into March; a day that does not exist is a mistake.
  const plain = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(plain) || new Date(plain).getUTCDate() !== Number(day)) return undefined;
  return fromMs(ms);
}

/** Milliseconds since 1970 of an RFC 3339 time; NaN if it is none. */
export function toMs(time: string): number {
  return Date.parse(time);
}

/** RFC 3339 in UTC to the second. */
export function fromMs(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** The time a number of seconds later (earlier if negative). */
export function shifted(time: string, seconds: number): string {
  return fromMs(toMs(time) + seconds * 1000);
}

/** A time as a date-and-time field of a form holds it (`2026-03-18T12:00`), in UTC or the reader's zone. */
export function toField(time: string, zone: 'utc' | 'local'): string {
  const ms = toMs(time);
  if (Number.isNaN(ms)) return '';
  const offset = zone === 'utc' ? 0 : new Date(ms).getTimezoneOffset();
  return new Date(ms - offset * 60_000).toISOString().slice(0, 16);
}

/** The time a date-and-time field holds, or `undefined` if it is empty or half typed. */
export function fromField(text: string, zone: 'utc' | 'local'): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined;
  const ms = zone === 'utc' ? Date.parse(`${text.slice(0, 16)}:00Z`) : new Date(text.slice(0, 16)).getTime();
  return Number.isNaN(ms) ? undefined : fromMs(ms);
}
