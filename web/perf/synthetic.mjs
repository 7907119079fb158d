// A heatmap of any size, the same every time: bands of dollars that drift, and a price that walks between them.

const STEP_S = 60;
const START = Date.parse('2026-03-18T00:00:00Z');

/** A whole number from 0 to 2³²−1 that looks random, for a place. */
function noise(column, row) {
  let value = Math.imul(column + 1, 0x9e3779b1) ^ Math.imul(row + 7, 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3ce5);
  return (value ^ (value >>> 13)) >>> 0;
}

const edge = (row) => 50_000 * 1.0005 ** row;
const iso = (column) => new Date(START + column * STEP_S * 1000).toISOString().replace('.000', '');

/** Row the price is in at a column: a slow wave, so that a long run stays inside of the rows. */
function priceRow(column, rows) {
  return rows / 2 + (rows / 10) * Math.sin(column / 150) + (noise(column, 0) % 5);
}

function column(number, rows, first, forming, revision) {
  const at = priceRow(number, rows);
  const price = edge(at);
  const usd = (row) => {
    const band = noise(Math.floor(number / 400), row) % 100 < 4 ? 6 : 1;
    return band * (200_000 + (noise(number, row) % 100_000)) + revision;
  };
  const cells = Array.from({ length: rows }, (_, i) => first + i);
  return {
    start: iso(number),
    end: forming ? iso(number + 0.5) : iso(number + 1),
    status: forming ? 'forming' : number % 97 === 0 ? 'gap' : 'closed',
    ohlc: !forming && number % 97 === 0 ? null : [price, price * 1.0004, price * 0.9996, price * 1.0001].map((p) => p.toFixed(1)),
    long_usd: cells.map((row) => (row < at ? usd(row) : 0)),
    short_usd: cells.map((row) => (row > at ? usd(row) : 0)),
    reported_usd: number % 9 === 0 ? [noise(number, 1) % 900_000, noise(number, 2) % 600_000] : [0, 0],
  };
}

/** A heatmap of columns `from` to `to` (not including it); the last one forms if `forming`. */
export function heatmap({ from, to, rows, forming = true, revision = 0 }) {
  const columns = [];
  for (let number = from; number < to; number += 1) {
    const last = forming && number === to - 1;
    columns.push(column(number, rows, 0, last, last ? revision : 0));
  }
  return {
    schema: 'heatmap/1',
    symbol: 'BTC',
    model: 'm2',
    as_of: columns.at(-1).end,
    snapshot: '0'.repeat(32),
    age_s: 0,
    price: edge(priceRow(to - 1, rows)).toFixed(1),
    price_decimals: 1,
    grade: { letter: 'C', reasons: ['made up'] },
    coverage: { oi_share: null, venues: 1, missing: [], text: '1 venue' },
    evidence: { measured: 0, reported: 0, modelled: 1 },
    reporting: null,
    markets: [],
    warnings: [],
    step_s: STEP_S,
    rows: { width_bp: 5, first: 0, count: rows, edges: Array.from({ length: rows + 1 }, (_, row) => edge(row).toFixed(1)) },
    columns,
    scale: { p50_usd: 250_000, p90_usd: 400_000, p99_usd: 1_700_000 },
  };
}
