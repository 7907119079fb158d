// Without scrolling, at both sizes: which side is nearer, how far, how much, how fresh, how sure.
import { ask, field } from './lib/documents';
import { age, money, move, percent } from './lib/format';
import { NOON, PAGES, SIZES, type SizeName } from './lib/places';
import { expect, test } from './lib/test';
import { open } from './lib/view';

for (const size of Object.keys(SIZES) as SizeName[]) {
  test.describe(size, () => {
    test.use({ viewport: SIZES[size], hasTouch: size === 'phone', isMobile: size === 'phone' });
    for (const name of ['map', 'brief'] as const) {
      test(`${name}: the five answers are on the first screen`, async ({ page, watch }) => {
        await open(page, watch, `${PAGES[name]}?as_of=${NOON}`);
        const document = await ask(`/v1/map/BTC?as_of=${NOON}`);
        const amount = money(field(document, 'marks.amount_usd'));
        const wanted = [
          amount,
          ...['long', 'short'].map((side) => move(field(document, `marks.${side}.move_usd`)).replace(/^[+\u2212]/, '')),
          ...['long', 'short'].map((side) => percent(field(document, `marks.${side}.move_pct`))),
          /longs/i,
          /shorts/i,
          `grade ${field(document, 'grade.letter')}`,
          age(field(document, 'age_s')),
          /80 %/,
        ];
        const seen = await page.evaluate(() => {
          const parts: string[] = [];
          const walker = window.document.createTreeWalker(window.document.body, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
            const range = window.document.createRange();
            range.selectNodeContents(node);
            const box = range.getBoundingClientRect();
            const inside = box.width > 0 && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
            const top = inside ? window.document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) : null;
            if (top !== null && (top.contains(node) || node.parentElement?.contains(top) === true)) parts.push(node.textContent ?? '');
          }
          return parts.join(' ').replace(/\s+/g, ' ');
        });
        for (const what of wanted) {
          if (typeof what === 'string') expect.soft(seen, `${what} without scrolling`).toContain(what);
          else expect.soft(seen, `${String(what)} without scrolling`).toMatch(what);
        }
        // Which side is nearer is said in words, and only where it is clear.
        const label = field(document, 'marks.tilt.label');
        if (name === 'map') expect.soft(seen).toMatch(label === 'balanced' ? /neither side is clearly nearer/i : /(longs|shorts) are nearer/i);
      });
    }
  });
}
