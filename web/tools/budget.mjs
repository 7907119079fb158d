// Fails if the scripts of the built page are larger than the page may be.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 300_000;
const FIRST = 60_000;
const dist = new URL('../dist/', import.meta.url);
const assets = readdirSync(new URL('assets/', dist)).filter((name) => name.endsWith('.js'));
const page = readFileSync(new URL('index.html', dist), 'utf8');
if (/<script(?![^>]*\bsrc=)/.test(page)) {
  console.error('index.html has an inline script, which the content policy forbids');
  process.exit(1);
}
let total = 0;
let first = 0;
for (const name of assets) {
  const bytes = gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length;
  total += bytes;
  if (page.includes(name)) first += bytes;
}
console.log(`scripts: ${total} bytes gzipped of ${LIMIT} allowed; ${first} of ${FIRST} before the first paint`);
if (total > LIMIT || first > FIRST) process.exit(1);
