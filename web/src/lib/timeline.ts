// Days on the time scrubber.

import { toMs } from './time';

export interface Mark {
  /** Place between the ends, 0 to 1. */
  at: number;
  /** Day of the month, or day and month where a month begins. */
  label: string;
}

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Midnights (UTC) between two times, at most `most`: every day, or every second, fifth, tenth … day. */
export function dayMarks(from: string, to: string, most: number): Mark[] {
  const [start, end] = [toMs(from), toMs(to)];
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
