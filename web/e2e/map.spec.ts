// The map's controls, and its two handles: what they read off is a rung of the ladder that the server gives.
import type { Page } from '@playwright/test';

import { ask, field, list, type Json } from './lib/documents';
import { money, move, percent, price } from './lib/format';
import { NOON, PAGES, PHONE } from './lib/places';
import { expect, test } from './lib/test';
import { open, picture, query, settled } from './lib/view';

const AT = `${PAGES.map}?as_of=${NOON}`;
const chart = (page: Page) => page.getByTestId('map-chart');
const drawn = (page: Page) => chart(page).locator('svg').evaluate((svg) => svg.innerHTML);
const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`).first();

test('window and bins ask for another map; both stand in the address', async ({ page, watch }) => {
  await open(page, watch, AT);
  for (const [control, act, key, value, document] of [
    ['win-5', 'click', 'win', '5', 'within=5%25'],
    ['win-2', 'click', 'win', '2', 'within=2%25'],
    ['win-25', 'click', 'win', '25', 'within=25%25'],
    ['bin', '50bp', 'bin', '50bp', 'within=25%25&bin=50bp'],
  ] as const) {
    const before = await drawn(page);
    if (act === 'click') await page.getByTestId(control).click();
    else await page.getByTestId(control).selectOption(act);
    await expect.poll(() => drawn(page), { message: `${key}=${value} draws another map` }).not.toBe(before);
    await settled(page, watch);
    expect((await query(page)).get(key)).toBe(value);
    const map = await ask(`/v1/map/BTC?as_of=${NOON}&${document}`);
    await expect(figure(page, 'map.long.in_window_usd')).toHaveAttribute('data-value', field(map, 'long.in_window_usd'));
    await expect(chart(page).locator('svg')).toBeVisible();
  }
  const before = await drawn(page);
  await page.reload();
  await settled(page, watch);
  expect(await drawn(page), 'the same address is the same view').toBe(before);
});

test('scale, totals, intervals and leverage bands change only how the map is drawn', async ({ page, watch }) => {
  await open(page, watch, AT);
  const totals = figure(page, 'map.long.in_window_usd');
  const total = await totals.textContent();
  watch.asked.length = 0;
  for (const [control, key, value] of [
    ['log', 'scale', 'log'],
    ['log', 'scale', null],
    ['cum', 'cum', 'off'],
    ['intervals', 'band', 'on'],
    ['band-1', 'bands', '1'],
    ['band-5', 'bands', '15'],
    ['band-1', 'bands', '5'],
  ] as const) {
    const before = await drawn(page);
    await page.getByTestId(control).click();
    await expect.poll(() => drawn(page), { message: `${control} changes the drawing` }).not.toBe(before);
    await expect.poll(async () => (await query(page)).get(key)).toBe(value);
  }
  await expect(page.getByTestId('legend'), 'what is hidden is said').toContainText(/hidden/i);
  await picture(page, 'map-bands-hidden');
  expect(await totals.textContent(), 'hiding a band changes no total').toBe(total);
  expect(watch.asked, 'nothing is asked for').toEqual([]);
});

test('the table holds every bin of the document', async ({ page, watch }) => {
  await open(page, watch, AT);
  await page.getByTestId('as-table').click();
  const map = await ask(`/v1/map/BTC?as_of=${NOON}&within=10%25`);
  await expect(page.getByTestId('bins')).toBeVisible();
  await picture(page, 'map-table');
  for (const index of [0, Math.floor(list(map, 'bins').length / 2)]) {
    await expect(figure(page, `map.bins[${index}].usd`)).toHaveAttribute('data-value', field(map, `bins[${index}].usd`));
  }
  await page.getByTestId('bins-sort-usd').click();
  const most = Math.max(...list(map, 'bins').map((bin) => Number((bin as { usd: string }).usd)));
  await expect(page.getByTestId('bins').locator('[data-figure$=".usd"]').first()).toHaveText(money(most));
});

test('a bin is read by the pointer and stays when it is pinned', async ({ page, watch }) => {
  await open(page, watch, AT);
  const map = await ask(`/v1/map/BTC?as_of=${NOON}&within=10%25`);
  const box = await page.getByTestId('map-surface').boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  const tip = page.getByTestId('bin-tip');
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.7);
  await expect(tip).toBeVisible();
  const index = Number(await tip.getAttribute('data-bin'));
  await expect(tip.locator(`[data-figure="map.bins[${index}].cumulative_usd"]`)).toHaveText(money(field(map, `bins[${index}].cumulative_usd`)));
  await page.mouse.click(box.x + box.width * 0.8, box.y + box.height * 0.7);
  await expect(tip).toHaveAttribute('data-pinned', 'true');
  await page.mouse.move(box.x + 5, box.y + box.height + 60);
  await expect(tip, 'a pinned bin stays').toHaveAttribute('data-bin', String(index));
  await picture(page, 'map-bin-pinned');
  await page.getByTestId('unpin').click();
  await expect(tip).toBeHidden();
});

interface Rung {
  price: string;
  move_usd: string;
  move_pct: number;
  long_usd: string;
  short_usd: string;
}

/** The rung nearest to a price, found by looking at all of them; none if the market's price itself is nearer. */
function nearest(ladder: Json, wanted: number): Rung | undefined {
  const rungs = list(ladder, 'at') as unknown as Rung[];
  const gap = (rung: Rung) => Math.abs(Number(rung.price) - wanted);
  const best = rungs.reduce((one, other) => (gap(other) < gap(one) ? other : one));
  return Math.abs(Number(field(ladder, 'price')) - wanted) < gap(best) ? undefined : best;
}

/** The handle's place on its axis as a price, by the labelled ends of the slider. */
async function priceAt(page: Page, part: number): Promise<number> {
  const handle = page.getByTestId('what-if');
  const [low, top] = [await handle.getAttribute('aria-valuemin'), await handle.getAttribute('aria-valuemax')].map(Number);
  return (low ?? NaN) + ((top ?? NaN) - (low ?? NaN)) * part;
}

async function readsRung(page: Page, rung: Rung | undefined): Promise<void> {
  const readout = page.getByTestId('what-if-readout');
  if (rung === undefined) return expect(readout.locator('[data-figure]')).toHaveCount(0);
  const side = rung.move_pct < 0 ? 'long' : 'short';
  await expect(readout).toContainText(price(rung.price));
  await expect(readout).toContainText(money(rung[`${side}_usd`]));
  await expect(readout).toContainText(`${move(rung.move_usd)} (${percent(rung.move_pct)})`);
}

test('the price handle, by mouse: the nearest rung, figure by figure', async ({ page, watch }) => {
  await open(page, watch, AT);
  const ladder = await ask(`/v1/ladder/BTC?as_of=${NOON}&within=10%25`);
  const surface = await page.getByTestId('map-surface').boundingBox();
  const tag = await page.getByTestId('what-if-tag').boundingBox();
  if (surface === null || tag === null) throw new Error('the chart is not shown');
  watch.asked.length = 0;
  await page.mouse.move(tag.x + tag.width / 2, tag.y + tag.height / 2);
  await page.mouse.down();
  for (const part of [0.45, 0.3, 0.12, 0.33, 0.62, 0.88, 0.97]) {
    await page.mouse.move(surface.x + surface.width * part, tag.y + tag.height / 2, { steps: 3 });
    await readsRung(page, nearest(ladder, await priceAt(page, part)));
    if (part === 0.88) await picture(page, 'map-what-if');
  }
  await page.mouse.up();
  const last = nearest(ladder, await priceAt(page, 0.97));
  await expect.poll(async () => (await query(page)).get('move')).toBe(`to:${last?.price}`);
  expect(watch.asked, 'a drag asks for nothing').toEqual([]);
  // The address holds the handle.
  await page.reload();
  await settled(page, watch);
  await readsRung(page, last);
  await page.getByTestId('what-if-reset').click();
  await readsRung(page, undefined);
});

interface Pair {
  amount_usd: string;
  long: { move_usd: string | null; move_pct: number | null };
  short: { move_usd: string | null; move_pct: number | null };
}

test('the amount handle, by mouse: both distances of its rung', async ({ page, watch }) => {
  await open(page, watch, AT);
  const pairs = list(await ask(`/v1/ladder/BTC?as_of=${NOON}&within=10%25`), 'reach') as unknown as Pair[];
  const slider = page.getByTestId('amount');
  const box = await slider.boundingBox();
  if (box === null) throw new Error('the slider is not shown');
  await expect(slider).toHaveAttribute('max', String(pairs.length - 1));
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (const part of [0.6, 0.75, 0.4]) {
    await page.mouse.move(box.x + box.width * part, box.y + box.height / 2, { steps: 4 });
    const pair = pairs[Number(await slider.inputValue())];
    if (pair === undefined) throw new Error('the slider stands on no rung');
    const readout = page.getByTestId('amount-readout');
    await expect(readout.getByRole('heading')).toContainText(money(pair.amount_usd));
    for (const side of ['long', 'short'] as const) {
      const { move_usd, move_pct } = pair[side];
      await expect(readout).toContainText(move_usd === null ? 'not on the map' : `${move(move_usd)} (${percent(move_pct)})`);
    }
  }
  await page.mouse.up();
  await expect.poll(async () => Number((await query(page)).get('amount'))).toBe(Number(pairs[Number(await slider.inputValue())]?.amount_usd));
});

test.describe('on a phone', () => {
  test.use({ viewport: PHONE, hasTouch: true, isMobile: true });
  test('the price handle, by touch, up and down', async ({ page, watch }) => {
    await open(page, watch, AT);
    const ladder = await ask(`/v1/ladder/BTC?as_of=${NOON}&within=10%25`);
    const surface = await page.getByTestId('map-surface').boundingBox();
    const tag = await page.getByTestId('what-if-tag').boundingBox();
    if (surface === null || tag === null) throw new Error('the chart is not shown');
    const cdp = await page.context().newCDPSession(page);
    const x = tag.x + tag.width / 2;
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
      cdp.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x, y }] });
    let y = tag.y + tag.height / 2;
    const scrolled = await page.evaluate(() => scrollY);
    await touch('touchStart', y);
    for (const part of [0.4, 0.2, 0.7, 0.85]) {
      const to = surface.y + surface.height * part;
      for (let step = 1; step <= 4; step += 1) await touch('touchMove', y + ((to - y) * step) / 4);
      y = to;
      await readsRung(page, nearest(ladder, await priceAt(page, 1 - part)));
    }
    await touch('touchEnd');
    expect(await page.evaluate(() => scrollY), 'the page does not scroll under the finger').toBe(scrolled);
    await picture(page, 'map-what-if-phone');
    // A tap pins a bin.
    await page.touchscreen.tap(surface.x + surface.width / 2, surface.y + surface.height * 0.15);
    await expect(page.getByTestId('bin-tip')).toHaveAttribute('data-pinned', 'true');
    await picture(page, 'map-bin-pinned-phone');
  });
});
