// The heatmap's controls: what is asked for, and what only changes colours.
import type { Page } from '@playwright/test';

import { ask, field, list } from './lib/documents';
import { NOON, PAGES } from './lib/places';
import { colour, painted } from './lib/pixels';
import { expect, test, type Watch } from './lib/test';
import { open, picture, query, settled } from './lib/view';

const AT = `${PAGES.heatmap}?as_of=${NOON}`;
const chart = (page: Page) => page.getByTestId('heat-chart');

/** Does something to the chart; says whether it was painted anew and what was asked of the server for that. */
async function does(page: Page, watch: Watch, action: () => Promise<unknown>): Promise<string[]> {
  const before = await painted(chart(page));
  watch.asked.length = 0;
  await action();
  await expect.poll(() => painted(chart(page)), { message: 'the chart changes' }).not.toBe(before);
  await settled(page, watch);
  return watch.asked.map((url) => new URL(url)).filter((url) => url.pathname.includes('/heatmap/')).map((url) => url.search);
}

test('range, step, rows and window ask for another heatmap', async ({ page, watch }) => {
  await open(page, watch, AT);
  for (const [control, value, key] of [
    ['heat-step', '15m', 'step'],
    ['heat-row', '25bp', 'row'],
    ['heat-within', '2', 'within'],
  ] as const) {
    const asked = await does(page, watch, () => page.getByTestId(control).selectOption(value));
    expect(asked.join(), `${key} is asked for`).toContain(`${key}=${value}`);
    expect((await query(page)).get(key)).toBe(value);
  }
  const asked = await does(page, watch, () => page.getByTestId('heat-last-12h').click());
  expect(asked.join()).toContain('last=12h');
  await expect(page.getByTestId('heat-last-12h')).toHaveAttribute('aria-pressed', 'true');
  // The address holds all of it: the same cells in the same places after a reload.
  const before = await cells(page);
  await page.reload();
  await settled(page, watch);
  await expect.poll(() => cells(page), { message: 'the same view after a reload' }).toEqual(before);
});

/** Which cells stand at some places of the chart, and their colours. */
async function cells(page: Page): Promise<string[]> {
  const box = await chart(page).boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  const found: string[] = [];
  for (const [right, down] of [[0.12, 0.06], [0.3, 0.23], [0.45, 0.7], [0.61, 0.9], [0.7, 0.4]] as const) {
    await page.mouse.move(box.x + box.width * right, box.y + box.height * down);
    const tip = page.getByTestId('heat-tip');
    await expect(tip).toBeVisible();
    found.push([await tip.getAttribute('data-column'), await tip.getAttribute('data-row')].join());
    await page.mouse.move(2, 2);
    found.push(await colour(chart(page), box.width * right, box.height * down));
  }
  return found;
}

test('palette, contrast, cut-offs and overlays only change colours', async ({ page, watch }) => {
  await open(page, watch, `${AT}&last=12h`);
  const range = (testid: string, value: number) => async () => {
    await page.getByTestId(testid).focus();
    await page.getByTestId(testid).fill(String(value));
  };
  const steps: [string, string, () => Promise<unknown>][] = [
    ['palette', 'cividis', () => page.getByTestId('heat-palette').selectOption('cividis')],
    ['palette', 'inferno', () => page.getByTestId('heat-palette').selectOption('inferno')],
    ['palette', 'greys', () => page.getByTestId('heat-palette').selectOption('greys')],
    ['contrast', 'side', () => page.getByTestId('heat-contrast').selectOption('side')],
    ['contrast', 'fit', () => page.getByTestId('heat-contrast').selectOption('fit')],
    ['lo', '40', range('heat-lo', 40)],
    ['hi', '80', range('heat-hi', 80)],
    ['price', 'line', () => page.getByTestId('heat-price').selectOption('line')],
    ['price', 'none', () => page.getByTestId('heat-price').selectOption('none')],
    ['bubbles', 'off', () => page.getByTestId('heat-bubbles').uncheck()],
  ];
  for (const [key, value, action] of steps) {
    expect(await does(page, watch, action), `${key} asks for nothing`).toEqual([]);
    expect((await query(page)).get(key)).toBe(value);
    if (key === 'contrast') await expect(page.getByTestId('heat-legend-words'), 'the legend says so in words').not.toBeEmpty();
  }
  await picture(page, 'heatmap-greys-fit-cut');
});

test('the pointer, a click and the panel give the exact cell of the document', async ({ page, watch }) => {
  await open(page, watch, `${AT}&last=12h`);
  const heatmap = await ask(`/v1/heatmap/BTC?last=12h&step=auto&row=10bp&within=5%25&as_of=${NOON}`);
  const box = await chart(page).boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  for (const [right, down] of [[0.3, 0.2], [0.5, 0.75], [0.7, 0.9]] as const) {
    await page.mouse.move(box.x + box.width * right, box.y + box.height * down);
    const tip = page.getByTestId('heat-tip');
    await expect(tip).toBeVisible();
    const column = Number(await tip.getAttribute('data-column'));
    const path = `columns[${column}]`;
    const row = Number(await tip.getAttribute('data-row'));
    const first = Number(field(heatmap, 'rows.first'));
    for (const side of ['long', 'short']) {
      const shown = tip.locator(`[data-figure="heatmap.${path}.${side}_usd[${row - first}]"]`);
      await expect(shown).toHaveAttribute('data-value', field(heatmap, `${path}.${side}_usd[${row - first}]`));
    }
  }
  await page.mouse.click(box.x + box.width * 0.5, box.y + box.height * 0.75);
  await expect(page.getByTestId('heat-pinned')).toBeVisible();
  await picture(page, 'heatmap-pinned');
  const column = Number(await page.getByTestId('heat-pinned').getAttribute('data-column'));
  await page.getByTestId('heat-asof').click();
  await expect(page.locator('main')).toHaveAttribute('data-page', 'map');
  expect((await query(page)).get('as_of')).toBe(field(heatmap, `columns[${column}].end`));
});

test('the panel is the newest column, and the table shows the same figures', async ({ page, watch }) => {
  await open(page, watch, AT);
  const heatmap = await ask(`/v1/heatmap/BTC?last=24h&step=auto&row=10bp&within=5%25&as_of=${NOON}`);
  const newest = list(heatmap, 'columns').length - 1;
  const sides = ['long', 'short'].flatMap((side) => list(heatmap, `columns[${newest}].${side}_usd`).map(Number));
  await expect(page.getByTestId('heat-longest')).toHaveAttribute('data-value', String(Math.max(...sides)));
  await page.getByTestId('heat-view').click();
  await expect(page.getByTestId('heat-table')).toBeVisible();
  expect((await query(page)).get('view')).toBe('table');
  await expect(page.getByTestId('heat-table').locator('[data-figure]').first()).toBeVisible();
  await picture(page, 'heatmap-table');
});

test('zoom, pan and reset by wheel and drag change the part that is seen, and nothing is asked for', async ({ page, watch }) => {
  await open(page, watch, AT);
  const box = await chart(page).boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  const asked = [
    ...(await does(page, watch, () => page.mouse.wheel(0, -600))),
    ...(await does(page, watch, async () => {
      await page.mouse.down();
      await page.mouse.move(x + 200, y, { steps: 5 });
      await page.mouse.up();
    })),
    ...(await does(page, watch, () => page.getByTestId('heat-fit').click())),
  ];
  expect(asked).toEqual([]);
  expect(await colour(chart(page), box.width / 2, box.height * 0.9)).not.toBe('nothing');
});
