// The stretch of time that the scrubber covers, and the days on it.

export interface Mark {
  /** Place between the ends, 0 to 1. */
  at: number;
  /** Day of the month, or day and month where a month begins. */
  label: string;
}

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Midnights (UTC) between two times (milliseconds since 1970), at most `most`: every day, or every second, fifth, tenth … day. */
export function dayMarks(start: number, end: number, most: number): Mark[] {
  if (!(end > start) || most < 1) return [];
  const days = (end - start) / DAY_MS;
  const step = [1, 2, 5, 10, 30, 90, 365].find((size) => days / size <= most) ?? Math.ceil(days / most);
  const marks: Mark[] = [];
  for (let day = Math.ceil(start / DAY_MS); day * DAY_MS <= end; day += 1) {
    if ((day - Math.ceil(start / DAY_MS)) % step !== 0) continue;
    const date = new Date(day * DAY_MS);
    const first = marks.length === 0 || date.getUTCDate() <= step;
    const label = first ? `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}` : String(date.getUTCDate());
    marks.push({ at: (day * DAY_MS - start) / (end - start), label });
  }
  return marks;
}

/**
 * The minutes that a scrubber covers: a stretch of `length` inside what there is, the one before if it holds the
 * moment, else one with the moment in its middle. All in whole minutes since 1970.
 */
export function stretch(first: number, last: number, moment: number, length: number, before: number | null): [number, number] {
  if (!(last - first > length)) return [first, last];
  const held = before !== null && moment >= before && moment <= before + length;
  const start = held ? before : moment - Math.floor(length / 2);
  const inside = Math.min(Math.max(start, first), last - length);
  return [inside, inside + length];
}
