// What a figure must read like, written once more from the rules of the program's texts and on other means than the
// page's: the language's own number formats, on the decimal text of the document.
//
// A key's name says what the figure is (`…_usd` money, `…_pct` percent, `price` a price), so that for each key there are
// a few ways it may be written, and no others.

const MINUS = '\u2212';
export const NONE = '–';

type Value = string | number | null | undefined | boolean;

/** A format that rounds the number as it is held, digit for digit, and not the shortest text that stands for it. */
const number = (options: Intl.NumberFormatOptions) => {
  const format = new Intl.NumberFormat('en-US', { ...options, roundingMode: 'halfEven' } as Intl.NumberFormatOptions);
  return { format: (value: number) => format.format(value.toFixed(60) as Intl.StringNumericLiteral) };
};
const THREE = number({ maximumSignificantDigits: 3 });
const TWO = number({ maximumSignificantDigits: 2 });
const FOUR = number({ maximumSignificantDigits: 4 });
const TEN = number({ maximumSignificantDigits: 10 });
const SIX = number({ maximumSignificantDigits: 6 });
const CENTS = number({ maximumFractionDigits: 2 });
const WHOLE = number({ maximumFractionDigits: 0, useGrouping: false });
const fixed = (digits: number) => number({ minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });

const missing = (value: Value): value is null | undefined | '' => value === null || value === undefined || value === '';
/** Decimal text as it is; numbers as they are. */
const exact = (value: Value): number => (typeof value === 'number' ? value : Number(value));
const unsigned = (value: Value): number => Math.abs(exact(value));
const sign = (value: Value, shown: string): string => (/[1-9]/.test(shown) ? (exact(value) < 0 ? MINUS : '+') : '');
const minus = (value: Value, shown: string): string => (sign(value, shown) === MINUS ? MINUS : '');

const SCALES: readonly (readonly [string, number])[] = [
  ['T', 1e12],
  ['B', 1e9],
  ['M', 1e6],
  ['K', 1e3],
];

/** Unit and divisor of an amount after it was rounded to three digits: 999.95M is 1B. */
function scaleOf(amount: number): readonly [string, number] {
  const rounded = Number(amount.toPrecision(3));
  return SCALES.find(([, divisor]) => rounded >= divisor) ?? ['', 1];
}

export function money(value: Value): string {
  if (missing(value)) return NONE;
  const amount = unsigned(value);
  const [unit, divisor] = scaleOf(amount);
  const text = amount < 0.995 ? CENTS.format(amount) : THREE.format(amount / divisor);
  return `${minus(value, text)}$${text}${unit}`;
}

export function moneyRange(low: Value, high: Value): string {
  const [unit, divisor] = scaleOf(unsigned(high));
  return `$${TWO.format(unsigned(low) / divisor)}–${money(Math.abs(exact(high))).slice(1)}`.replace(/[TBMK]?$/, unit);
}

export function distance(value: Value): string {
  return missing(value) ? NONE : `$${THREE.format(unsigned(value))}`;
}

export function move(value: Value): string {
  if (missing(value)) return NONE;
  const text = distance(value);
  return sign(value, text) + text;
}

export function percent(value: Value, digits = 2): string {
  if (missing(value)) return NONE;
  const text = fixed(digits).format(unsigned(value));
  return `${sign(value, text)}${text} %`;
}

export function share(value: Value): string {
  if (missing(value)) return NONE;
  const part = exact(value);
  const whole = Math.round(part * 100);
  if (whole === 0 && part > 0) return '<1 %';
  if (whole === 100 && part < 1) return '>99 %';
  return `${whole} %`;
}

/** The digits of the document, in groups of three. */
export function price(value: Value): string {
  if (missing(value)) return NONE;
  const [whole = '', fraction] = String(value).replace('-', MINUS).split('.');
  const groups = whole.replace(/(\d)(?=(?:\d{3})+$)/g, '$1,');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

export const priceNear = (value: Value): string => (missing(value) ? NONE : FOUR.format(exact(value)).replace('-', MINUS));

export function age(value: Value): string {
  if (missing(value)) return NONE;
  const seconds = Math.max(0, exact(value));
  if (seconds < 99.5) return `${WHOLE.format(seconds)} s`;
  if (seconds < 5970) return `${WHOLE.format(seconds / 60)} min`;
  if (seconds < 171_000) return `${WHOLE.format(seconds / 3600)} h`;
  return `${WHOLE.format(seconds / 86_400)} d`;
}

export const plain = (value: Value): string => (missing(value) ? NONE : TEN.format(exact(value)).replace('-', MINUS));
export const rate = (value: Value): string => (missing(value) ? NONE : `${SIX.format(exact(value) * 100).replace('-', MINUS)} %`);

export function score(value: Value): string {
  if (missing(value)) return NONE;
  const size = unsigned(value);
  const text = fixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2).format(size);
  return minus(value, text) + text;
}

interface Bounds {
  lo80: number;
  hi80?: number | null;
}

/** An interval of dollars, of a distance, of a move or of a score. */
export function intervals(bounds: Bounds | null | undefined): string[] {
  if (bounds === null || bounds === undefined) return [NONE, 'not yet estimated'];
  const { lo80, hi80 } = bounds;
  if (missing(hi80)) return [`${money(lo80)} or more`, `${distance(lo80)} or more`, `${move(lo80)} … open`];
  return [
    moneyRange(lo80, hi80),
    `${distance(lo80)}–${distance(hi80).slice(1)}`,
    `${move(lo80)} … ${move(hi80)}`,
    `${signedScore(lo80)} … ${signedScore(hi80)}`,
  ];
}

function signedScore(value: Value): string {
  const text = score(value);
  return exact(value) > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

interface Tilt {
  side: string;
  ratio: number;
  sign_held: number | null;
  label: string;
}

/** Which side is nearer, by how much, how sure: a side is named only where the tilt is not balanced. */
export function tilts(tilt: Tilt | null | undefined): string[] {
  if (tilt === null || tilt === undefined) return ['no distances to compare', NONE, 'One side does not hold that much no distances to compare'];
  const balanced = tilt.label === 'balanced';
  const sure = tilt.sign_held === null ? 'not yet estimated how firmly' : `sign held in ${share(tilt.sign_held)} of draws`;
  const detail = `${balanced ? 'balanced' : `${tilt.label} tilt`}, ${fixed(balanced ? 2 : 1).format(tilt.ratio)}× · ${sure}`;
  const title = balanced ? 'Neither side is clearly nearer' : tilt.side === 'long' ? '▼ Longs are nearer' : '▲ Shorts are nearer';
  return [detail, `${title} ${detail}`];
}

/** A time in UTC: to the minute, to the second, the day, the clock. */
export function times(value: Value): string[] {
  if (missing(value)) return [NONE];
  const at = new Date(String(value)).toISOString();
  const [day, minute, second] = [at.slice(0, 10), at.slice(11, 16), at.slice(11, 19)];
  return [`${day} ${minute} UTC`, `${day} ${second} UTC`, day, `${minute} UTC`, minute, `${day} ${minute}`, String(value)];
}

/** All ways in which the value of a key may be written. `parent` holds the keys beside it. */
export function readings(key: string, value: unknown, parent: Record<string, unknown>): string[] {
  if (/(^|_)interval$/.test(key)) return intervals(value as Bounds | null);
  if (key === 'tilt') return tilts(value as Tilt | null);
  if (key === 'usd_lo80') return [moneyRange(value as Value, parent['usd_hi80'] as Value)];
  if (value !== null && typeof value === 'object') return [];
  const given = value as Value;
  if (missing(given)) return [NONE, '', 'none', 'not yet estimated', 'out of reach', 'never'];
  if (/^(move|distance)_usd$/.test(key)) {
    const beside = parent[key.replace('_usd', '_pct')] as Value;
    return [move(given), distance(given), `${move(given)} (${percent(beside)})`, `${move(given)} ${percent(beside)}`];
  }
  if (/(^|_)usd(\d+h)?$/.test(key)) return [money(given), `$${plain(given)}`];
  if (/_pct$|^pct$/.test(key)) return [percent(given), percent(given, 1), `±${plain(given)} %`, percent(given).replace(/^[+\u2212]/, '')];
  if (/^(price|low|high|open|close|lo|hi|from|to|edges|ohlc|peak|centre|center)(_price)?$|_price$/.test(key) && /^-?\d/.test(String(given)) && !/T/.test(String(given))) {
    return [price(given), priceNear(given)];
  }
  if (key === 'price_lo') return [price(given), `${price(given)} – ${price(parent['price_hi'] as Value)}`];
  if (/share|^held_in$|^sign_held$|^(measured|modelled|reported)$/.test(key)) return [share(given)];
  if (/age_s$|limit_s$|step_s$|period_s$|seconds$/.test(key)) return [age(given)];
  if (key === 'ratio') return [`${score(given)}×`, `${fixed(1).format(exact(given))}×`, score(given), fixed(1).format(exact(given))];
  if (key === 'rate') return [rate(given), percent(exact(given) * 100), percent(exact(given) * 100, 4)];
  if (/^(as_of|ts|known|start|end|first|newest|now|started|from|to)$/.test(key)) return times(given);
  if (key === 'snapshot') return [String(given).slice(0, 8), String(given)];
  if (typeof given === 'number') return [plain(given), score(given), signedScore(given)];
  // Names of commands stand out on the page instead of standing in quotes.
  return [String(given), price(given), String(given).replaceAll('`', '')];
}
