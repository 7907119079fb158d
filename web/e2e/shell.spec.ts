// The bar on every page: market, pages, data light, time, looks, sharing; and the address, which holds the whole view.
import type { Page } from '@playwright/test';

import { ask, field } from './lib/documents';
import { NOON, PAGE_NAMES, PAGES } from './lib/places';
import { expect, test } from './lib/test';
import { open, picture, query, settled } from './lib/view';

const asOf = async (page: Page) => (await query(page)).get('as_of');

test('the links of the bar open the pages, and back goes back', async ({ page, watch }) => {
  await open(page, watch, PAGES.overview);
  for (const name of PAGE_NAMES) {
    await page.getByTestId(`nav-${name}`).click();
    await expect(page.locator('main')).toHaveAttribute('data-page', name);
    await expect(page.getByTestId(`nav-${name}`)).toHaveAttribute('aria-current', 'page');
    expect(new URL(page.url()).pathname).toBe(PAGES[name]);
  }
  await page.goBack();
  await expect(page.locator('main')).toHaveAttribute('data-page', 'data');
  await page.goForward();
  await expect(page.locator('main')).toHaveAttribute('data-page', 'api');
  await page.goto('/map/BTC/and/more');
  await expect(page.locator('main')).toContainText('no such page');
});

test('the search finds a market by what is typed, and says when there is none', async ({ page, watch }) => {
  await open(page, watch, PAGES.overview);
  const search = page.getByTestId('symbol-search');
  await search.click();
  await expect(page.getByTestId('symbol-option').first()).toBeVisible();
  await search.fill('no such coin');
  await expect(page.getByTestId('symbol-option')).toHaveCount(0);
  await expect(page.getByRole('listbox', { name: 'Markets' })).not.toBeEmpty();
  await search.fill('<script>alert(1)</script>');
  await expect(page.locator('main')).toHaveAttribute('data-page', 'overview');
  await search.fill('btc');
  await picture(page, 'search');
  await page.getByTestId('symbol-option').first().click();
  await expect(page.locator('main')).toHaveAttribute('data-page', 'map');
});

test('time: field, steps and scrubber ask for the moment they show', async ({ page, watch }) => {
  await open(page, watch, PAGES.map);
  const price = page.getByTestId('price').locator('[data-figure]').first();
  const shows = async (time: string) => {
    await expect.poll(() => asOf(page)).toBe(time);
    await expect(price).toHaveAttribute('data-value', field(await ask(`/v1/map/BTC?as_of=${time}`), 'price'));
    await expect(page.getByTestId('mode-badge')).toContainText(`${time.slice(0, 10)} ${time.slice(11, 16)} UTC`);
  };
  await page.getByTestId('as-of-field').fill('2026-03-18 12:00');
  await page.getByTestId('as-of-field').press('Enter');
  await shows(NOON);
  await page.getByTestId('step-back').click();
  await shows('2026-03-18T11:50:00Z');
  await page.getByTestId('step-on-1h').click();
  await shows('2026-03-18T12:50:00Z');
  await page.getByTestId('step-on').click();
  await page.getByTestId('step-back-1h').click();
  await shows(NOON);
  await expect(page.getByTestId('frame'), 'the past is framed').toBeVisible();
  // The scrubber by mouse: where it is let go is what is asked for.
  const track = await page.getByTestId('scrubber').boundingBox();
  if (track === null) throw new Error('the scrubber is not shown');
  const y = track.y + track.height / 2;
  await page.mouse.move(track.x + track.width * 0.58, y);
  await page.mouse.down();
  for (const part of [0.5, 0.4, 0.3]) await page.mouse.move(track.x + track.width * part, y, { steps: 4 });
  await page.mouse.up();
  await settled(page, watch);
  const there = await asOf(page);
  expect(there).toMatch(/^2026-03-1[67]T\d\d:\d\d:00Z$/);
  await shows(there ?? '');
  await page.getByTestId('newest').click();
  await expect.poll(() => asOf(page)).toBeNull();
  await expect(page.getByTestId('frame')).toBeHidden();
  // What is no time is said to be none and asks for nothing.
  await page.getByTestId('as-of-field').fill('yesterday');
  await page.getByTestId('as-of-field').press('Enter');
  await expect(page.getByTestId('as-of-field')).toHaveAttribute('aria-invalid', 'true');
  expect(await asOf(page)).toBeNull();
});

test('a time after the data is answered in words', async ({ page, watch }) => {
  watch.allow(/status of 422/);
  await page.goto(`${PAGES.map}?as_of=2031-01-01T00:00:00Z`);
  await expect(page.getByTestId('problem').first()).toBeVisible();
  await expect(page.locator('main')).toContainText(/as-of-in-future/);
  await picture(page, 'state-future');
});

test('theme and zone are chosen once and kept; an address may override them', async ({ page, watch }) => {
  await open(page, watch, `${PAGES.map}?as_of=${NOON}`);
  await page.getByTestId('theme').selectOption('dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByTestId('zone').click();
  await expect(page.getByTestId('mode-badge')).toContainText('2026-03-18 17:30 UTC+05:30');
  await page.reload();
  await settled(page, watch);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByTestId('mode-badge')).toContainText('17:30 UTC+05:30');
  await open(page, watch, `${PAGES.map}?as_of=${NOON}&theme=contrast&tz=utc`);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'contrast');
  await expect(page.getByTestId('mode-badge')).toContainText('12:00 UTC');
});

test('unknown keys are ignored, bad values fall back with a notice', async ({ page, watch }) => {
  await open(page, watch, `${PAGES.map}?as_of=${NOON}&utm_source=mail&colour=red`);
  await expect(page.getByTestId('notice-banner')).toBeHidden();
  await open(page, watch, `${PAGES.map}?as_of=${NOON}&win=7&scale=cubic&palette=%3Cscript%3E`);
  const notice = page.getByTestId('notice-banner');
  for (const key of ['win=7', 'scale=cubic', 'palette=<script>']) await expect(notice).toContainText(key);
  await picture(page, 'notice');
  await notice.getByRole('button').click();
  await expect(notice).toBeHidden();
});

test('shared links give the same view: one moves on, one stands still', async ({ page, watch }) => {
  await open(page, watch, `${PAGES.heatmap}?as_of=${NOON}&last=12h&palette=inferno`);
  await page.getByTestId('share').click();
  const live = new URL(await page.getByTestId('share-live').inputValue());
  const frozen = new URL(await page.getByTestId('share-frozen').inputValue());
  await picture(page, 'share');
  expect([live.searchParams.get('as_of'), live.searchParams.get('palette')]).toEqual([null, 'inferno']);
  expect([frozen.searchParams.get('as_of'), frozen.searchParams.get('last')]).toEqual([NOON, '12h']);
  await open(page, watch, frozen.pathname + frozen.search);
  await expect(page.getByTestId('heat-palette')).toHaveValue('inferno');
  await expect(page.getByTestId('mode-badge')).toContainText('2026-03-18 12:00 UTC');
});

test('the data light says grade, coverage and age, and leads to the data', async ({ page, watch }) => {
  await open(page, watch, `${PAGES.map}?as_of=${NOON}`);
  const light = page.getByTestId('data-light');
  const map = await ask(`/v1/map/BTC?as_of=${NOON}`);
  await expect(light).toContainText(`grade ${field(map, 'grade.letter')}`);
  await expect(light).toContainText(/age \d+ (s|min|h|d)/);
  await light.click();
  await expect(page.locator('main')).toHaveAttribute('data-page', 'data');
  expect(await asOf(page), 'the moment goes along').toBe(NOON);
});

test('venue text cannot be markup', async ({ page, watch }) => {
  watch.allow(/status of 40[04]/);
  let ran = false;
  page.on('dialog', (dialog) => {
    ran = true;
    void dialog.dismiss();
  });
  const name = encodeURIComponent('<img src=x onerror=alert(1)>');
  for (const path of [`/map/${name}`, `/heatmap/${name}`, `/brief/${name}`]) {
    await page.goto(path);
    await settled(page, watch);
    await expect(page.locator('main img')).toHaveCount(0);
  }
  await picture(page, 'state-no-such-symbol');
  expect(ran).toBe(false);
});
