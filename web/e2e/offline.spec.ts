// The server goes away and comes back under an open page.
import { ask, field } from './lib/documents';
import { PAGES } from './lib/places';
import { serve, type Running } from './lib/server';
import { expect, test } from './lib/test';
import { open, picture } from './lib/view';

test.describe('a server that is stopped and started', () => {
  test.skip(process.env['LIQLENS_GIVEN'] === 'true', 'the server is not ours to stop');
  let own: Running;
  test.use({
    origin: async ({}, use) => {
      own = await serve();
      await use(own.url);
      await own.stop();
    },
  });

  test('a banner after three seconds, the last view kept and stamped; back by itself', async ({ page, watch }) => {
    watch.allow(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
    await open(page, watch, PAGES.map);
    const price = field(await ask('/v1/map/BTC'), 'price');
    const shown = page.locator('[data-figure="map.price"]').first();
    await expect(shown).toHaveAttribute('data-value', price);
    await own.stop();
    const banner = page.getByTestId('offline-banner');
    await page.waitForTimeout(1_500);
    await expect(banner, 'not at the first hiccup').toBeHidden();
    await expect(banner).toBeVisible({ timeout: 6_000 });
    await expect(banner).toContainText(/\d{2}:\d{2}/);
    await expect(shown, 'the last view stays').toHaveAttribute('data-value', price);
    await picture(page, 'state-offline');
    own = await serve(own.port);
    await expect(banner).toBeHidden({ timeout: 20_000 });
    await expect(shown).toHaveAttribute('data-value', price);
    await expect(page.getByTestId('reload-banner')).toBeHidden();
  });
});

test('a server of another version asks for a reload', async ({ page, watch }) => {
  watch.allow(/WebSocket/);
  let connections = 0;
  let first: (() => void) | undefined;
  await page.routeWebSocket(/\/v1\/ws/, (socket) => {
    connections += 1;
    const nth = connections;
    const server = socket.connectToServer();
    if (nth === 1) first = () => void socket.close({ code: 1012 });
    server.onMessage((message) => {
      const text = typeof message === 'string' ? message : message.toString();
      socket.send(nth === 1 ? text : text.replace(/"build":"[^"]*"/, '"build":"a newer one"'));
    });
  });
  await open(page, watch, PAGES.map);
  await expect.poll(() => connections).toBe(1);
  await expect(page.getByTestId('reload-banner')).toBeHidden();
  first?.();
  await expect(page.getByTestId('reload-banner')).toBeVisible({ timeout: 10_000 });
  await picture(page, 'state-outdated');
});
