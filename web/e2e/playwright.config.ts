// The page as a reader has it: the real program over the bundled days, in a real browser.
//
//   CHROMIUM=…      the browser (else the first of chromium, chromium-browser, google-chrome on the path)
//   LIQLENS_BIN=…   the program (else ../target/debug/liqlens)
//   LIQLENS_URL=…   a server that already runs; the tests that stop and start one are left out then
import { defineConfig } from '@playwright/test';

import { chromium } from './lib/browser';
import { DESKTOP } from './lib/places';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: './artefacts/failures',
  globalSetup: './setup.ts',
  // One browser at a time: frame times and figures per second would otherwise be those of a crowd.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  forbidOnly: process.env['CI'] !== undefined,
  use: {
    locale: 'en-US',
    timezoneId: 'Asia/Kolkata',
    viewport: DESKTOP,
    serviceWorkers: 'block',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb', '--enable-precise-memory-info'],
    },
  },
});
