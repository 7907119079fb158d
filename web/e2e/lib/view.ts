// Ways of opening and leaving a view.
import type { Page } from '@playwright/test';

import { ARTEFACTS } from './places';
import { expect, type Watch } from './test';

/** Opens an address and waits until everything on it is there. */
export async function open(page: Page, watch: Watch, address: string): Promise<void> {
  await page.goto(address);
  await settled(page, watch);
}

/** Goes to another address as the reader's "back" does: without loading the page anew. */
export async function go(page: Page, address: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, address);
}

/** Waits until no widget waits for a document and nothing is under way. */
export async function settled(page: Page, watch: Watch): Promise<void> {
  await expect(page.locator('main[data-page]')).toBeVisible();
  await expect
    .poll(
      async () =>
        watch.quiet &&
        (await page.evaluate(
          () =>
            document.querySelector('main h1, main h2, main [data-testid=state], main section') !== null &&
            document.querySelector('[data-state=loading], [data-state=waiting]') === null,
        )) &&
        watch.quiet,
      { message: 'the page settles', timeout: 20_000 },
    )
    .toBe(true);
  // What came last is painted.
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
  });
}

/** A picture of what is on the screen, for people to look at. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  await page.screenshot({ path: `${ARTEFACTS}${name}.png`, fullPage, animations: 'disabled' });
}

/** The query of the page's address. */
export async function query(page: Page): Promise<URLSearchParams> {
  return new URLSearchParams(await page.evaluate(() => location.search));
}
