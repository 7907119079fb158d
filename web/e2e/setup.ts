// One server for all tests, unless one is given. Its address is in LIQLENS_URL from then on.
import { rmSync } from 'node:fs';

import { ARTEFACTS } from './lib/places';
import { ready, serve } from './lib/server';

export default async function setup(): Promise<() => Promise<void>> {
  rmSync(ARTEFACTS, { recursive: true, force: true });
  const given = process.env['LIQLENS_URL'];
  if (given !== undefined && given !== '') {
    await ready(given);
    return () => Promise.resolve();
  }
  const started = Date.now();
  const server = await serve();
  console.log(`the server was ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  process.env['LIQLENS_URL'] = server.url;
  return server.stop;
}
