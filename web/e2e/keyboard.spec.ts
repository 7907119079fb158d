// Every task without a mouse. The focus is always seen, and is never lost.
import type { Page } from '@playwright/test';

import { ask, field, list, type Json } from './lib/documents';
import { money, price } from './lib/format';
import { NOON, PAGE_NAMES, PAGES } from './lib/places';
import { expect, test } from './lib/test';
import { open, picture, query, settled } from './lib/view';

const AT = `?as_of=${NOON}`;

/** What is wrong with the element that has the focus; empty if it can be seen. */
function unseenFocus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || focused === document.body) return '';
    const name = `${focused.tagName.toLowerCase()} "${(focused.getAttribute('aria-label') ?? focused.textContent ?? '').trim().slice(0, 40)}"`;
    // A handle may be a line with a label on it.
    const own = focused.getBoundingClientRect();
    const boxes = [own, ...[...focused.children].map((one) => one.getBoundingClientRect()).filter((one) => one.width * one.height > 0)];
    const [left, top] = [Math.min(...boxes.map((one) => one.left)), Math.min(...boxes.map((one) => one.top))];
    const [right, bottom] = [Math.max(...boxes.map((one) => one.right)), Math.max(...boxes.map((one) => one.bottom))];
    const box = new DOMRect(left, top, right - left, bottom - top);
    if (box.width < 1 || box.height < 1) return `${name} has no size`;
    if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return `${name} is outside of the screen`;
    let ringed = false;
    for (const one of [focused, focused.parentElement, ...focused.querySelectorAll('*')].slice(0, 12)) {
      if (one === null) continue;
      const style = getComputedStyle(one);
      if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) ringed = true;
    }
    if (!ringed) return `${name} has no ring`;
    // Something of it is not covered by the bar above or the pages below.
    const places = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [box.left + box.width * x, box.top + box.height * y] as const));
    const bare = places.some(([x, y]) => {
      const top = document.elementFromPoint(x, y);
      return top !== null && (focused.contains(top) || top.contains(focused) || top.closest('label')?.contains(focused) === true);
    });
    return bare ? '' : `${name} is covered`;
  });
}

for (const name of PAGE_NAMES) {
  test(`${name}: every stop of the tabulator is seen`, async ({ page, watch }) => {
    await open(page, watch, PAGES[name] + AT);
    const faults: string[] = [];
    let stops = 0;
    for (; stops < 160; stops += 1) {
      await page.keyboard.press('Tab');
      const ended = await page.evaluate(() => document.activeElement === document.body || document.activeElement === null);
      if (ended) break;
      const fault = await unseenFocus(page);
      if (fault !== '') faults.push(fault);
    }
    expect(stops, 'places to stop at').toBeGreaterThan(10);
    expect(faults).toEqual([]);
  });
}

const onPage = (page: Page, name: string) => expect(page.locator('main')).toHaveAttribute('data-page', name);
const focusIsKept = async (page: Page, when: string) => {
  const where = await page.evaluate(() => document.activeElement?.tagName ?? 'nothing');
  expect(where, `the focus ${when}`).not.toBe('BODY');
};

test('pages, search, help and share', async ({ page, watch }) => {
  await open(page, watch, PAGES.overview);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: /to the content/i })).toBeFocused();
  for (const [key, name] of [['m', 'map'], ['h', 'heatmap'], ['b', 'brief'], ['d', 'data'], ['a', 'api'], ['o', 'overview']] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await onPage(page, name);
    await focusIsKept(page, `after opening ${name}`);
  }
  await page.keyboard.press('/');
  await expect(page.getByTestId('symbol-search')).toBeFocused();
  await page.keyboard.type('btc');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await onPage(page, 'map');
  await focusIsKept(page, 'after a market was chosen');
  await page.keyboard.press('?');
  await expect(page.getByTestId('help-dialog')).toBeVisible();
  await picture(page, 'help');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('help-dialog')).toBeHidden();
  await focusIsKept(page, 'after the help was closed');
  await page.keyboard.press('s');
  await expect(page.getByTestId('share-live')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('share-live')).toBeHidden();
  await focusIsKept(page, 'after sharing');
});

test('the map: both handles, bands, scale, table', async ({ page, watch }) => {
  await open(page, watch, PAGES.map + AT);
  const ladder = await ask(`/v1/ladder/BTC?as_of=${NOON}&within=10%25`);
  const last = Number(field(ladder, 'price'));
  const rungs = list(ladder, 'at') as unknown as { price: string; long_usd: string; short_usd: string }[];
  const below = rungs.filter((rung) => Number(rung.price) < last);
  const above = rungs.filter((rung) => Number(rung.price) > last);
  const readout = page.getByTestId('what-if-readout');
  await page.keyboard.press('.');
  await expect(readout).toContainText(price(above[0]?.price));
  await expect(readout).toContainText(money(above[0]?.short_usd));
  await page.keyboard.press('Shift+Period');
  await expect(readout).toContainText(price(above[10]?.price));
  for (let step = 0; step < 12; step += 1) await page.keyboard.press(',');
  await expect(readout).toContainText(price(below.at(-1)?.price));
  await expect(readout).toContainText(money(below.at(-1)?.long_usd));
  await expect.poll(async () => (await query(page)).get('move')).toBe(`to:${below.at(-1)?.price}`);
  await page.keyboard.press('Escape');
  await expect(readout.locator('[data-figure]')).toHaveCount(0);
  // The amount is a slider as any other.
  await page.getByTestId('amount').focus();
  const pairs = list(ladder, 'reach') as unknown as { amount_usd: string }[];
  const before = Number(await page.getByTestId('amount').inputValue());
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('amount-readout').getByRole('heading')).toContainText(money(pairs[before + 1]?.amount_usd));
  await page.locator('main').focus();
  for (const [key, name, value] of [['l', 'scale', 'log'], ['c', 'cum', 'off'], ['2', 'bands', '2'], ['-', 'win', '25'], ['v', 'view', 'table']] as const) {
    await page.keyboard.press(key);
    await expect.poll(async () => (await query(page)).get(name), { message: `key ${key}` }).toBe(value);
  }
  // A table is sorted by its headings.
  const sort = page.getByTestId('bins-sort-usd');
  await sort.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('bins').locator('th[aria-sort=descending]')).toHaveCount(1);
  await focusIsKept(page, 'after sorting');
});

test('a bin is looked at and pinned with the arrows', async ({ page, watch }) => {
  await open(page, watch, PAGES.map + AT);
  const map = await ask(`/v1/map/BTC?as_of=${NOON}&within=10%25`);
  const surface = page.getByTestId('map-surface');
  await surface.focus();
  await page.keyboard.press('Home');
  const tip = page.getByTestId('bin-tip');
  await expect(tip).toHaveAttribute('data-bin', '0');
  await expect(surface).toHaveAttribute('aria-valuetext', new RegExp(price(field(map, 'bins[0].price_lo')).replace('.', '\\.')));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(tip).toHaveAttribute('data-pinned', 'true');
  await expect(tip).toHaveAttribute('data-bin', '1');
  await page.keyboard.press('Escape');
  await expect(tip).toBeHidden();
  await focusIsKept(page, 'after unpinning');
});

test('the heatmap: a cell is found, read aloud, pinned and opened as of then', async ({ page, watch }) => {
  await open(page, watch, `${PAGES.heatmap}${AT}&last=12h`);
  const heatmap: Json = await ask(`/v1/heatmap/BTC?last=12h&row=10bp&within=5%25&as_of=${NOON}`);
  await page.getByTestId('heat-plot').focus();
  const spoken = page.getByTestId('heat-spoken');
  await page.keyboard.press('ArrowUp');
  await expect(spoken).toContainText(/longs .*shorts/);
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('PageUp');
  await expect(spoken).not.toBeEmpty();
  await page.keyboard.press('+');
  await page.keyboard.press('0');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('heat-pinned')).toBeVisible();
  const column = Number(await page.getByTestId('heat-pinned').getAttribute('data-column'));
  expect(column).toBe(list(heatmap, 'columns').length - 1 - 30);
  await page.keyboard.press('Enter');
  await onPage(page, 'map');
  expect((await query(page)).get('as_of')).toBe(field(heatmap, `columns[${column}].end`));
  await focusIsKept(page, 'after the map was opened');
});

test('time, replay and export', async ({ page, watch }) => {
  await open(page, watch, PAGES.brief);
  await page.keyboard.press('t');
  await expect(page.getByTestId('as-of-field')).toBeFocused();
  await page.getByTestId('as-of-field').selectText();
  await page.keyboard.type('2026-03-18 12:00');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await query(page)).get('as_of')).toBe(NOON);
  await settled(page, watch);
  const scrubber = page.getByTestId('scrubber');
  await scrubber.focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await query(page)).get('as_of')).toBe('2026-03-18T11:59:00Z');
  await settled(page, watch);
  await focusIsKept(page, 'after scrubbing');
  await page.locator('main').focus();
  await page.keyboard.press('e');
  await expect(page.getByTestId('export-menu')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await focusIsKept(page, 'in the menu');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('export').first()).toBeFocused();
  await page.locator('main').focus();
  await page.keyboard.press('p');
  await expect(page.getByTestId('mode-badge')).toHaveAttribute('data-mode', 'replay');
  await page.keyboard.press(' ');
  await expect(page.getByTestId('replay-toggle')).toHaveText(/play/i);
  await page.keyboard.press('n');
  await expect(page.getByTestId('mode-badge')).not.toHaveAttribute('data-mode', 'replay');
});
