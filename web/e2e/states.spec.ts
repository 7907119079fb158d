// The states a widget can be in, each brought about at the server's edge: real, in words, and unlike the others.
import type { Page, Route } from '@playwright/test';

import { ask, list, type Json } from './lib/documents';
import { NOON, PAGES } from './lib/places';
import { expect, test } from './lib/test';
import { open, picture, settled } from './lib/view';

const AT = `${PAGES.map}?as_of=${NOON}`;
const MAP = /\/v1\/(map|ladder|clusters|reach|at|brief)\/BTC/;
const state = (page: Page) => page.getByTestId('state').first();

type Fields = Record<string, Json>;

function problem(status: number, code: string, detail: string, hint: string | null = null): (route: Route) => Promise<void> {
  const body = JSON.stringify({ type: 'about:blank', title: detail, status, code, detail, hint, trace_id: '5f0c2a9b1d' });
  return (route) => route.fulfill({ status, contentType: 'application/problem+json', body });
}

/** Lets a document through with something changed. */
function changed(change: (document: Fields) => void): (route: Route) => Promise<void> {
  return async (route) => {
    const answer = await route.fetch();
    const document = (await answer.json()) as Fields;
    change(document);
    await route.fulfill({ response: answer, json: document });
  };
}

const inside = (value: Json | undefined): Fields => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('not an object');
  return value;
};

test('loading: grey shapes, then words, then an error with a way to try again', async ({ page, watch }) => {
  watch.allow(/ERR_FAILED|Failed to load/);
  const held: Route[] = [];
  await page.route(MAP, (route) => void held.push(route));
  await page.goto(AT);
  await expect(state(page)).toHaveAttribute('data-state', 'loading');
  await expect(state(page).locator('[data-figure]'), 'no figure is made up').toHaveCount(0);
  await picture(page, 'state-loading');
  await expect(state(page)).toHaveAttribute('data-state', 'waiting', { timeout: 5_000 });
  await expect(state(page)).toContainText(/waiting for/i);
  await picture(page, 'state-waiting');
  await expect(state(page)).toHaveAttribute('data-state', 'error', { timeout: 15_000 });
  await picture(page, 'state-timeout');
  for (const route of held) await route.abort();
  await page.unroute(MAP);
  await page.getByTestId('retry').first().click();
  await expect(state(page)).toHaveAttribute('data-state', 'ready');
});

const ANSWERS = {
  empty: { shows: /no data for/i, answer: problem(404, 'no-data', 'There is no data for BTC at this time', 'BTC has data from 2026-03-15') },
  warming: { shows: /warming/i, answer: problem(503, 'warming', 'BTC needs 40 more minutes of history') },
  withheld: { shows: /withheld/i, answer: problem(409, 'withheld', 'The newest open interest is 2 h old', 'allow_stale=true shows it all the same') },
  error: { shows: /trace 5f0c2a9b1d/i, answer: problem(500, 'internal', 'The answer could not be made') },
} as const;

for (const [name, { shows, answer }] of Object.entries(ANSWERS)) {
  test(`${name}: said in words, and no figure is shown`, async ({ page, watch }) => {
    watch.allow(/status of (404|409|500|503)/);
    await page.route(MAP, answer);
    await page.goto(AT);
    await expect(state(page)).toHaveAttribute('data-state', name);
    await expect(page.locator('main')).toContainText(shows);
    await expect(page.locator('main [data-figure^="map."]')).toHaveCount(0);
    await picture(page, `state-${name}`);
    if (name === 'error') {
      await expect(page.getByTestId('problem').first()).toHaveAttribute('data-code', 'internal');
      await expect(page.getByRole('button', { name: /copy/i }).first()).toBeVisible();
      // Other pages keep working.
      await page.unroute(MAP);
      await page.getByTestId('retry').first().click();
      await expect(state(page)).toHaveAttribute('data-state', 'ready');
    }
  });
}

test('partial and stale: shown, marked, and unlike each other', async ({ page, watch }) => {
  await page.route(MAP, changed((document) => {
    const coverage = inside(document['coverage']);
    coverage['oi_share'] = 0.62;
    coverage['text'] = 'OKX missing since 12:04 – 62 % of OI covered';
  }));
  await open(page, watch, AT);
  await expect(state(page)).toHaveAttribute('data-partial', 'true');
  await expect(page.locator('main')).toContainText('OKX missing since 12:04');
  await picture(page, 'state-partial');

  await page.unroute(MAP);
  await page.route(MAP, changed((document) => {
    const [market] = list(document, 'markets');
    const [channel] = list(market ?? null, 'channels');
    const fields = inside(channel);
    fields['age_s'] = 7 * Number(fields['limit_s']);
  }));
  await page.reload();
  await settled(page, watch);
  await expect(state(page)).toHaveAttribute('data-stale', 'true');
  await expect(state(page)).toHaveAttribute('data-partial', 'false');
  await expect(page.locator('main')).toContainText(/stale/i);
  await picture(page, 'state-stale');
});

test('gap: a hole in the heatmap is hatched and says so', async ({ page, watch }) => {
  await page.route(/\/v1\/heatmap\/BTC/, changed((document) => {
    for (const column of list(document, 'columns').slice(40, 70)) {
      const fields = inside(column);
      fields['status'] = 'gap';
      fields['ohlc'] = null;
      fields['long_usd'] = list(column, 'long_usd').map(() => 0);
      fields['short_usd'] = list(column, 'short_usd').map(() => 0);
    }
  }));
  await open(page, watch, `${PAGES.heatmap}?as_of=${NOON}&last=12h`);
  const box = await page.getByTestId('heat-chart').boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  // Columns 40 to 70 of 144.
  await page.mouse.move(box.x + box.width * 0.36, box.y + 100);
  await expect(page.getByTestId('heat-tip')).toContainText(/no data/i);
  await picture(page, 'state-gap');
});

test('a moment of the past is framed and stamped, unlike the newest', async ({ page, watch }) => {
  await open(page, watch, PAGES.map);
  await picture(page, 'state-newest');
  await open(page, watch, AT);
  await expect(page.locator('body')).toContainText('2026-03-18 12:00 UTC');
  await picture(page, 'state-as-of');
  const newest = await ask('/v1/map/BTC');
  expect(inside(newest)['as_of']).not.toBe(NOON);
});
