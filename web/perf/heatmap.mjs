// How the heatmap behaves with 1,000 × 1,000 cells in a real browser: frame times while it is panned and zoomed, the
// time to colour all cells again, and the heap before and after 1,000 updates through the code that live data use.
//
//     npm run build && node perf/heatmap.mjs [--columns N] [--rows N] [--updates N] [--json]
//
// Times are printed and judged by the reader. The script fails only if the page does something wrong: no cells, older
// pixels that change, a heap that grows.

import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { heatmap } from './synthetic.mjs';

const { values: options } = parseArgs({
  options: {
    columns: { type: 'string', default: '1000' },
    rows: { type: 'string', default: '1000' },
    updates: { type: 'string', default: '1000' },
    dist: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
    json: { type: 'boolean', default: false },
  },
});
const [columns, rows, updates] = [options.columns, options.rows, options.updates].map(Number);
const ORIGIN = 'http://liqlens.test';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.otf': 'font/otf' };
/** More than this is a leak, whatever the collector left over. */
const MOST_GROWTH = 16e6;

const problems = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
});
try {
  const result = await measure(await browser.newPage({ viewport: { width: 1366, height: 768 } }));
  print(result);
} finally {
  await browser.close();
}
for (const problem of problems) console.error(`broken: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function measure(page) {
  page.on('pageerror', (error) => problems.push(`the page threw: ${error.message}`));
  const feed = await serve(page);
  const started = performance.now();
  await page.goto(`${ORIGIN}/heatmap/BTC?last=${columns}m&step=1m&row=5bp&within=2`);
  await page.locator('[data-testid=heat-chart] canvas').first().waitFor();
  await page.waitForFunction(() => globalThis.heatColoured?.length > 0);
  const shownMs = performance.now() - started;
  await settle(page);
  if ((await colours(page)) < 20) problems.push('the raster is not drawn');

  const panned = await frames(page, () => drag(page));
  const zoomed = await frames(page, () => wheel(page));
  await page.getByTestId('heat-chart').dblclick({ position: { x: 400, y: 200 } });
  await settle(page);

  await page.evaluate(() => (globalThis.heatColoured.length = 0));
  for (let turn = 0; turn < 6; turn += 1) {
    for (const name of ['cividis', 'inferno', 'greys', 'viridis']) {
      await page.getByTestId('heat-palette').selectOption(name);
      await settle(page);
    }
  }
  const coloured = await page.evaluate(() => globalThis.heatColoured.map(({ milliseconds }) => milliseconds));

  const before = await still(page);
  for (let revision = 1; revision <= 20; revision += 1) feed.send({ from: columns - 2, to: columns, rows, revision });
  if ((await still(page)) !== before) problems.push('older pixels changed while a column was forming');

  // The first updates warm up what is kept; only what grows after them counts.
  const warmUp = Math.min(100, Math.floor(updates / 4));
  let next = columns;
  const run = async (count) => {
    for (let update = 0; update < count; update += 1) {
      feed.send({ from: next - 1, to: next + 1, rows });
      next += 1;
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await settle(page);
  };
  await run(warmUp);
  const heapBefore = await heap(page);
  const replaying = await frames(page, () => run(updates));
  const heapAfter = await heap(page);
  const summary = await page.getByTestId('heat-summary').textContent();
  if (!summary?.includes(`${columns.toLocaleString('en-US')} columns`)) problems.push(`the range grew: ${summary}`);
  if (feed.asked > 1) problems.push(`the whole document was asked for ${feed.asked} times`);
  if (heapAfter - heapBefore > MOST_GROWTH) problems.push(`the heap grew from ${heapBefore} to ${heapAfter} bytes`);
  return { cells: `${columns} × ${rows}`, shownMs, panned, zoomed, replaying, coloured: spread(coloured), heapBefore, heapAfter };
}

/** Serves the built page, one heatmap, and a socket whose replay is fed from here. */
async function serve(page) {
  const document = JSON.stringify(heatmap({ from: 0, to: columns, rows }));
  const clock = { mode: 'replay', now: JSON.parse(document).as_of, speed: 60, playing: true, from: null, to: null };
  const feed = { asked: 0, send: () => undefined };
  await page.addInitScript(() => {
    globalThis.heatColoured = [];
    addEventListener('heatmap:coloured', (event) => globalThis.heatColoured.push(event.detail));
  });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith('/v1/heatmap/')) {
      feed.asked += 1;
      return route.fulfill({ contentType: 'application/json', body: document });
    }
    if (pathname.startsWith('/v1/')) return route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"title":"none","status":404,"code":"none","detail":"none"}' });
    const file = extname(pathname) === '' ? 'index.html' : normalize(pathname);
    return route.fulfill({ contentType: TYPES[extname(file)] ?? 'application/octet-stream', body: await readFile(join(options.dist, file)) });
  });
  await page.routeWebSocket(`${ORIGIN.replace('http', 'ws')}/v1/ws`, (socket) => {
    const send = (message) => socket.send(JSON.stringify(message));
    let seq = 0;
    send({ op: 'hello', version: '0', build: 'perf', clock });
    setInterval(() => send({ op: 'heartbeat', clock, watermarks: {} }), 4_000).unref();
    socket.onMessage((text) => {
      const message = JSON.parse(text);
      if (message.op !== 'subscribe') return;
      send({ op: 'subscribed', id: message.id, topic: message.channel, epoch: 'perf' });
    });
    feed.send = (shape) => send({ op: 'snapshot', topic: 'heatmap', seq: (seq += 1), data: heatmap(shape) });
  });
  return feed;
}

async function settle(page) {
  await page.evaluate(() => new Promise((resolve) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(resolve)), 30)));
}

/** Times between frames while something is done, milliseconds. */
async function frames(page, act) {
  await page.evaluate(() => {
    const times = [];
    globalThis.heatFrames = { times, on: true };
    const tick = (time) => {
      times.push(time);
      if (globalThis.heatFrames.on) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  const times = await page.evaluate(() => {
    globalThis.heatFrames.on = false;
    return globalThis.heatFrames.times;
  });
  return spread(times.slice(1).map((time, at) => time - times[at]));
}

async function place(page) {
  const box = await page.getByTestId('heat-chart').boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Drags the view for some seconds, zoomed in far enough that there is somewhere to go. */
async function drag(page) {
  const { x, y } = await place(page);
  await page.mouse.move(x, y);
  for (let turn = 0; turn < 6; turn += 1) await page.mouse.wheel(0, -300);
  for (let turn = 0; turn < 4; turn += 1) {
    const [dx, dy] = turn % 2 === 0 ? [5, 2] : [-5, -2];
    await page.mouse.down();
    for (let step = 0; step < 60; step += 1) await page.mouse.move(x + dx * step, y + dy * step);
    await page.mouse.up();
    await page.mouse.move(x, y);
  }
}

async function wheel(page) {
  const { x, y } = await place(page);
  await page.mouse.move(x, y);
  for (let turn = 0; turn < 120; turn += 1) {
    if (turn % 20 === 10) await page.keyboard.down('Shift');
    if (turn % 20 === 15) await page.keyboard.up('Shift');
    await page.mouse.wheel(0, turn % 40 < 20 ? -120 : 120);
    await page.waitForTimeout(16);
  }
  await page.keyboard.up('Shift');
}

/** Colours on the canvas of the raster. */
async function colours(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('[data-testid=heat-chart] canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
}

/** The left half of the raster as one number. */
async function pixels(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('[data-testid=heat-chart] canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, Math.floor(canvas.width / 2), canvas.height);
    return new Uint32Array(data.buffer).reduce((sum, pixel) => (Math.imul(sum, 31) + pixel) | 0, 7);
  });
}

/** The same once two looks in a row agree, so that nothing is still to be painted. */
async function still(page) {
  let last = await pixels(page);
  for (let turn = 0; turn < 20; turn += 1) {
    await settle(page);
    const now = await pixels(page);
    if (now === last) return now;
    last = now;
  }
  problems.push('the raster does not come to rest');
  return last;
}

async function heap(page) {
  const session = await page.context().newCDPSession(page);
  for (let turn = 0; turn < 3; turn += 1) await session.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize + backingStorageSize;
}

function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? null;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), p99: at(0.99), worst: at(1) };
}

function print(result) {
  if (options.json) return console.log(JSON.stringify(result, null, 2));
  const ms = (value) => (value === null ? '–' : `${value.toFixed(1)} ms`);
  const line = (name, { count, median, p95, p99, worst }) =>
    console.log(`${name.padEnd(28)} median ${ms(median)}  p95 ${ms(p95)}  p99 ${ms(p99)}  worst ${ms(worst)}  (${count})`);
  const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`heatmap of ${result.cells} cells, shown after ${ms(result.shownMs)}`);
  line('frames while panning', result.panned);
  line('frames while zooming', result.zoomed);
  line('frames while replaying', result.replaying);
  line('colouring all cells', result.coloured);
  console.log(`heap before ${mb(result.heapBefore)}, after ${updates} updates ${mb(result.heapAfter)}`);
}
