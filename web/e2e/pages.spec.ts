// Each page, at both sizes, in both themes: it loads, without an error, and is kept as a picture.
import { PAGE_NAMES, PAGES, SIZES, type SizeName } from './lib/places';
import { expect, test } from './lib/test';
import { open, picture } from './lib/view';

for (const size of Object.keys(SIZES) as SizeName[]) {
  for (const theme of ['light', 'dark'] as const) {
    test.describe(`${size}, ${theme}`, () => {
      test.use({ viewport: SIZES[size], colorScheme: theme, hasTouch: size === 'phone' });
      for (const name of PAGE_NAMES) {
        test(`${name} loads`, async ({ page, watch }) => {
          await open(page, watch, PAGES[name]);
          await expect(page.locator('main')).toHaveAttribute('data-page', name);
          await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
          await picture(page, `${name}-${size}-${theme}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(wide, 'pixels that the page is wider than the screen').toBeLessThanOrEqual(0);
        });
      }
    });
  }
}
