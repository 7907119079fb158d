// What holds for every page whatever it shows: no serious finding of the accessibility checker, targets large enough,
// nothing that moves where motion is unwanted, no sideways scrolling when enlarged.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

import { DESKTOP, PAGE_NAMES, PAGES, PHONE } from './lib/places';
import { expect, test } from './lib/test';
import { go, open, picture, settled } from './lib/view';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Findings of weight, a line each. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = await page.evaluate(
    (values) =>
      (window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
        runOnly: { type: 'tag', values },
        resultTypes: ['violations'],
      }),
    RULES,
  );
  return results.violations
    .filter((found) => found.impact === 'serious' || found.impact === 'critical')
    .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.target.join(' ')} – ${node.failureSummary ?? ''}`));
}

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]] as const) {
  test.describe(size, () => {
    test.use({ viewport, hasTouch: size === 'phone', isMobile: size === 'phone' });
    for (const name of PAGE_NAMES) {
      test(`${name}: the checker finds nothing serious in any theme`, async ({ page, watch }) => {
        await open(page, watch, PAGES[name]);
        for (const theme of ['light', 'dark', 'contrast']) {
          await go(page, `${PAGES[name]}?theme=${theme}`);
          await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
          await settled(page, watch);
          expect.soft(await findings(page), `${name}, ${theme}`).toEqual([]);
          if (theme === 'contrast') await picture(page, `${name}-${size}-contrast`);
        }
        expect.soft(await smallTargets(page, size === 'phone' ? 44 : 24), 'targets too small to hit').toEqual([]);
      });
    }
  });
}

/** Controls smaller than a side allows, but for links inside of sentences and rows as high as their text. */
function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((side) => {
    const small: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('button, select, input, summary, [role=slider], [role=tab], [role=menuitem], nav a')) {
      const target = element.closest('label') ?? element;
      const box = target.getBoundingClientRect();
      const style = getComputedStyle(element);
      if (box.width === 0 || box.height === 0 || style.visibility === 'hidden' || element.closest('.unseen, [aria-hidden=true]') !== null) continue;
      if (element.matches(':disabled')) continue;
      // A pseudo-element may make the target larger than what is seen.
      const after = getComputedStyle(element, '::after');
      const grown = after.content !== 'none' && after.position === 'absolute' ? parseFloat(after.height) || 0 : 0;
      const [width, height] = [Math.max(box.width, grown), Math.max(box.height, grown)];
      if (width + 0.5 >= side && height + 0.5 >= side) continue;
      small.push(`${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 30)}" ${Math.round(width)}×${Math.round(height)}`);
    }
    return small;
  }, least);
}

test('nothing is animated where motion is unwanted', async ({ page, watch }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const name of PAGE_NAMES) {
    await open(page, watch, PAGES[name]);
    const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length);
    expect(moving, `running animations on ${name}`).toBe(0);
  }
});

test.describe('enlarged to 200 %', () => {
  // Half the pixels of a desktop: what a zoom of 200 % leaves.
  test.use({ viewport: { width: 683, height: 384 } });
  test('no page scrolls sideways', async ({ page, watch }) => {
    for (const name of PAGE_NAMES) {
      await open(page, watch, PAGES[name]);
      await picture(page, `${name}-zoom-200`);
      const over = await page.evaluate(() => {
        const root = document.documentElement;
        return root.scrollWidth - root.clientWidth;
      });
      expect(over, `pixels that ${name} is too wide`).toBeLessThanOrEqual(0);
    }
  });
});

test.describe('colours that the reader asks the system for', () => {
  test.use({ contrast: 'more' });
  test('more contrast is followed', async ({ page, watch }) => {
    await open(page, watch, PAGES.map);
    await settled(page, watch);
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'contrast');
  });
});
