/**
 * Order of table rows. Money and prices are decimal text in the documents and are compared as such,
 * digit by digit: no figure passes through a float on its way to a place in the table.
 */

export type CellValue = string | number | boolean | null;
export type Direction = 'ascending' | 'descending';

interface Decimal {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

const DECIMAL = /^([-+]?)(\d+)(?:\.(\d+))?$/;

function parseDecimal(text: string): Decimal | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const whole = (match[2] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  const zero = whole === '0' && fraction === '';
  return { negative: match[1] === '-' && !zero, whole, fraction };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareMagnitude(a: Decimal, b: Decimal): number {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length;
  return compareText(a.whole, b.whole) || compareText(a.fraction, b.fraction);
}

function compareDecimal(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  return a.negative ? compareMagnitude(b, a) : compareMagnitude(a, b);
}

/** What stands for "there is no such figure": it goes last, whichever way the table is sorted. */
function isMissing(value: CellValue): boolean {
  return value === null || value === '' || (typeof value === 'number' && Number.isNaN(value));
}

/** Decimal text of a number, so that numbers and decimal text may stand in one column. */
function textOf(value: CellValue): string {
  if (typeof value !== 'number') return String(value);
  const text = String(value);
  return /e/i.test(text) && Number.isFinite(value) ? value.toFixed(20) : text;
}

/** Compares two present values: as decimals if both are, else as text without regard to case. */
export function compareValues(a: CellValue, b: CellValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [textOf(a), textOf(b)];
  const [x, y] = [parseDecimal(left), parseDecimal(right)];
  if (x !== null && y !== null) return compareDecimal(x, y);
  if (x !== null) return -1;
  if (y !== null) return 1;
  return compareText(left.toLowerCase(), right.toLowerCase()) || compareText(left, right);
}

/** The rows in order of one value; rows that compare equal keep their order, missing values go last. */
export function sortRows<Row>(
  rows: readonly Row[],
  valueOf: (row: Row) => CellValue,
  direction: Direction,
): Row[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows
    .map((row, place) => ({ row, place, value: valueOf(row) }))
    .sort((a, b) => {
      const [x, y] = [isMissing(a.value), isMissing(b.value)];
      if (x || y) return x && y ? a.place - b.place : x ? 1 : -1;
      return sign * compareValues(a.value, b.value) || a.place - b.place;
    })
    .map(({ row }) => row);
}
