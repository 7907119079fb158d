// What the export menus give: links that answer with the right kind of file, of the very view that is shown.
import type { Page } from '@playwright/test';

import { NOON, PAGES } from './lib/places';
import { expect, test } from './lib/test';
import { open, picture } from './lib/view';

const KINDS: Record<string, RegExp> = {
  png: /^image\/png/,
  svg: /^image\/svg\+xml/,
  csv: /^text\/csv/,
  json: /^application\/json/,
  arrow: /^application\/vnd\.apache\.arrow\.stream/,
  md: /^text\/markdown/,
  html: /^text\/html/,
  card: /^image\/png/,
};

/** The files of a menu: name of the form, address. */
async function files(page: Page, testid: string): Promise<[string, string][]> {
  await page.getByTestId(testid).first().click();
  const links = page.getByTestId(`${testid}-menu`).locator('a[download]');
  await expect(links.first()).toBeVisible();
  return links.evaluateAll((found) =>
    found.map((link) => [link.getAttribute('data-testid')?.split('-file-').at(-1) ?? '', link.getAttribute('href') ?? '']),
  );
}

for (const name of ['map', 'heatmap', 'brief', 'overview'] as const) {
  test(`${name}: every file of the menu answers with its media type`, async ({ page, watch, request }) => {
    await open(page, watch, `${PAGES[name]}?as_of=${NOON}`);
    const found = await files(page, 'export');
    await picture(page, `export-${name}`);
    expect(found.map(([form]) => form)).toEqual(expect.arrayContaining(['csv', 'json']));
    for (const [form, address] of found) {
      const answer = await request.get(address);
      expect(answer.status(), address).toBe(200);
      expect(answer.headers()['content-type'], address).toMatch(KINDS[form] ?? /./);
      expect(decodeURIComponent(address), 'the file is of the moment that is shown').toContain(`as_of=${NOON}`);
    }
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('export-menu')).toBeHidden();
    await expect(page.getByTestId('export').first()).toBeFocused();
  });
}

test('commands and links for this view are copied', async ({ page, watch, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, watch, `${PAGES.brief}?as_of=${NOON}`);
  const copied = async (entry: string) => {
    await page.getByTestId('export').first().click();
    await page.getByTestId(`export-copy-${entry}`).click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  expect(await copied('cli')).toMatch(/^liqlens brief BTC .*--as-of[ =]2026-03-18T12:00/);
  expect(await copied('curl')).toContain('/v1/brief/BTC');
  expect(await copied('frozen')).toContain(`as_of=${encodeURIComponent(NOON)}`.replaceAll('%3A', ':'));
});
