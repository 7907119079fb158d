// Every figure on the page is the document's: the same value, written by the rules. Walked over random moments of the
// bundled days; the documents are asked for again outside of the page, the texts are formatted by other means.
import type { Page } from '@playwright/test';

import { ask, at, type Json } from './lib/documents';
import { faults, shown } from './lib/figures';
import { FIRST, LAST, PAGES, type PageName } from './lib/places';
import { minutes } from './lib/seeded';
import { expect, test, type Watch } from './lib/test';
import { go, open, settled } from './lib/view';

/** How few figures would mean that the page has stopped to say where they come from. */
const LEAST: Record<'map' | 'heatmap' | 'brief' | 'overview', number> = { map: 20, heatmap: 5, brief: 10, overview: 10 };
const MOMENTS = Number(process.env['LIQLENS_MOMENTS'] ?? 200);

/** The page goes to a moment; what is wrong with its figures then. Checks that there are enough. */
async function walk(page: Page, watch: Watch, name: keyof typeof LEAST, asOf: string): Promise<{ wrong: string[]; checked: number }> {
  await go(page, `${PAGES[name as PageName]}?as_of=${asOf}`);
  await settled(page, watch);
  const documents: Record<string, Json> = {};
  for (const [document, url] of watch.newest(asOf)) {
    const answer = await ask(new URL(url).pathname + new URL(url).search);
    const moment = at(answer, 'as_of');
    if (typeof moment === 'string') expect(moment, `${document} is of the moment that was asked for`).toBe(asOf);
    documents[document] = answer;
  }
  const figures = await shown(page);
  expect.soft(figures.length, `figures on ${name} as of ${asOf}`).toBeGreaterThanOrEqual(LEAST[name]);
  return { wrong: faults(figures, documents).map((fault) => `${name} as of ${asOf}: ${fault}`), checked: figures.length };
}

test(`${MOMENTS} random moments: every figure is the document's`, async ({ page, watch }) => {
  test.setTimeout(180_000);
  const moments = minutes(20_260_320, MOMENTS, FIRST, LAST);
  const wrong: string[] = [];
  let checked = 0;
  await open(page, watch, `${PAGES.map}?as_of=${moments[0] ?? FIRST}`);
  for (const [index, asOf] of moments.entries()) {
    // Every tenth moment on all pages, the others on the map.
    const names = index % 10 === 0 ? (['brief', 'heatmap', 'map'] as const) : (['map'] as const);
    watch.asked.splice(0, watch.asked.length - 40);
    for (const name of names) {
      const found = await walk(page, watch, name, asOf);
      wrong.push(...found.wrong);
      checked += found.checked;
    }
  }
  console.log(`${checked} figures at ${MOMENTS} moments`);
  expect(wrong).toEqual([]);
});
