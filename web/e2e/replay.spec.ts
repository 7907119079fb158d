// The recorded days played as if live: price and map move, and what is shown is what the documents of that moment say.
import type { Page } from '@playwright/test';

import { ask, field } from './lib/documents';
import { faults, shown } from './lib/figures';
import { NOON, PAGES } from './lib/places';
import { colour } from './lib/pixels';
import { expect, test } from './lib/test';
import { open, picture, query, settled } from './lib/view';

const badge = (page: Page) => page.getByTestId('mode-badge');
const now = async (page: Page) => (await badge(page).getAttribute('data-now')) ?? '';
const price = (page: Page) => page.getByTestId('price').locator('[data-figure]').first();

test('at 100×: the price and the map move; paused, every figure is that of the moment', async ({ page, watch }) => {
  await open(page, watch, `${PAGES.map}?as_of=${NOON}`);
  await page.getByTestId('replay-speed').selectOption('100');
  await page.getByTestId('replay-start').click();
  await expect(badge(page)).toHaveAttribute('data-mode', 'replay');
  await expect(page.getByTestId('frame')).toBeVisible();
  expect((await query(page)).get('replay')).toBe(NOON);
  const first = await now(page);
  const prices = new Set<string>();
  const drawings = new Set<string>();
  await expect
    .poll(
      async () => {
        prices.add((await price(page).getAttribute('data-value')) ?? '');
        drawings.add(await page.getByTestId('map-chart').locator('svg').innerHTML());
        return Math.min(prices.size, drawings.size);
      },
      { message: 'prices and maps that were seen', timeout: 30_000, intervals: [250] },
    )
    .toBeGreaterThanOrEqual(5);
  expect(Date.parse(await now(page))).toBeGreaterThan(Date.parse(first));
  await picture(page, 'replay-map');
  await page.getByTestId('replay-toggle').click();
  await expect(page.getByTestId('replay-toggle')).toHaveText(/play/i);
  // What was under way comes in; then nothing moves any more.
  const standing = async () => [await now(page), await price(page).getAttribute('data-value'), await page.getByTestId('map-chart').locator('svg').innerHTML()].join();
  await expect.poll(async () => { const before = await standing(); await page.waitForTimeout(700); return before === (await standing()); }, { timeout: 15_000 }).toBe(true);
  const freshness = await page.getByTestId('freshness').getByRole('heading').textContent();
  const minute = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})/.exec(freshness ?? '');
  if (minute === null) throw new Error(`the page does not say of which moment it is: ${freshness}`);
  const asOf = `${minute[1]}T${minute[2]}:00Z`;
  const documents = {
    map: await ask(`/v1/map/BTC?as_of=${asOf}&within=10%25`),
    ladder: await ask(`/v1/ladder/BTC?as_of=${asOf}&within=10%25`),
  };
  const figures = (await shown(page)).filter((one) => /^(map|ladder)\./.test(one.figure));
  expect(figures.length).toBeGreaterThan(40);
  expect(faults(figures, documents), `as of ${asOf}`).toEqual([]);

  // Slower, on, and to the end of it.
  await page.getByTestId('replay-speed').selectOption('10');
  await page.getByTestId('replay-toggle').click();
  const slow = Date.parse(await now(page));
  await expect.poll(async () => Date.parse(await now(page)) - slow, { timeout: 10_000 }).toBeGreaterThan(10_000);
  await page.getByTestId('step-on-1h').click();
  await expect.poll(async () => Date.parse(await now(page)) - slow, { message: 'a step jumps ahead' }).toBeGreaterThan(3_500_000);
  await page.getByTestId('replay-end').click();
  await expect(badge(page)).not.toHaveAttribute('data-mode', 'replay');
  await settled(page, watch);
  await expect(price(page)).toHaveAttribute('data-value', field(await ask('/v1/map/BTC'), 'price'));
});

interface Cell {
  column: string;
  row: string;
  x: number;
  y: number;
  colour: string;
}

/** What stands under a point of the heatmap: which cell, and its colour. */
async function cellAt(page: Page, x: number, y: number): Promise<Cell> {
  const chart = page.getByTestId('heat-chart');
  const box = await chart.boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  await page.mouse.move(box.x + x, box.y + y);
  const tip = page.getByTestId('heat-tip');
  await expect(tip).toBeVisible();
  const facts = { column: (await tip.locator('p').nth(1).textContent()) ?? '', row: (await tip.getAttribute('data-row')) ?? '' };
  await page.mouse.move(2, 2);
  await expect(tip).toBeHidden();
  return { ...facts, x, y, colour: await colour(chart, x, y) };
}

test('through the close of a heatmap column: older cells keep their colours', async ({ page, watch }) => {
  await open(page, watch, `${PAGES.heatmap}?replay=2026-03-18T12:04:00Z&speed=60&last=12h&step=5m&price=none&bubbles=off`);
  const chart = page.getByTestId('heat-chart');
  await expect(page.getByTestId('heat-summary')).not.toBeEmpty();
  const box = await chart.boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  await page.getByTestId('replay-toggle').click();
  await settled(page, watch);
  const before: Cell[] = [];
  for (const right of [0.2, 0.4, 0.6]) for (const down of [0.15, 0.5, 0.8]) before.push(await cellAt(page, Math.round(box.width * right), Math.round(box.height * down)));
  const stood = Date.parse(await now(page));
  await page.getByTestId('replay-toggle').click();
  // Eleven minutes: at least two columns close.
  await expect.poll(async () => Date.parse(await now(page)) - stood, { timeout: 40_000 }).toBeGreaterThan(660_000);
  await page.getByTestId('replay-toggle').click();
  await page.waitForTimeout(1_500);
  const changes: string[] = [];
  for (const cell of before) {
    // The view moves on with the data: the cell is found again to the left of where it was.
    let found: Cell | undefined;
    for (let x = cell.x; x > cell.x - 60 && found === undefined; x -= 3) {
      const here = await cellAt(page, x, cell.y);
      if (here.column === cell.column) found = here;
    }
    if (found === undefined) changes.push(`${cell.column}: gone`);
    else if (found.row === cell.row && found.colour !== cell.colour) changes.push(`${cell.column}, row ${cell.row}: ${cell.colour} became ${found.colour}`);
  }
  await picture(page, 'replay-heatmap');
  expect(changes).toEqual([]);
});
