// Changes of what the map shows, by button or key. All of it stands in the address.

import type { Binding } from '../lib/keys.svelte';
import { route } from '../lib/route.svelte';

/** Windows either way of the price, percent. */
export const WINDOWS: readonly string[] = ['2', '5', '10', '25'];

/** Hides a leverage band (1 is the lowest), or shows it again. */
export function toggleBand(band: number): void {
  const [sign, hidden] = [String(band), route.param('bands')];
  route.set({ bands: hidden.includes(sign) ? hidden.replaceAll(sign, '') : [...hidden, sign].sort().join('') });
}

export function flip(key: 'cum' | 'band'): void {
  route.set({ [key]: route.param(key) === 'on' ? 'off' : 'on' });
}

export function toggleLog(): void {
  route.set({ scale: route.param('scale') === 'log' ? 'linear' : 'log' });
}

export function toggleTable(): void {
  route.set({ view: route.param('view') === 'table' ? 'chart' : 'table' });
}

function changeWindow(by: number): void {
  const at = WINDOWS.indexOf(route.param('win')) + by;
  const win = WINDOWS[Math.min(Math.max(at, 0), WINDOWS.length - 1)];
  if (win !== undefined) route.set({ win });
}

export const MAP_KEYS: Binding[] = [
  ...[1, 2, 3, 4, 5].map((band) => ({
    keys: String(band),
    does: band === 1 ? 'hide or show a leverage band (1 to 5)' : '',
    run: () => toggleBand(band),
  })),
  { keys: 'c', does: 'running totals', run: () => flip('cum') },
  { keys: 'i', does: '80 % intervals of bins', run: () => flip('band') },
  { keys: 'l', does: 'linear or logarithmic', run: toggleLog },
  { keys: '+', does: 'narrower window', run: () => changeWindow(-1) },
  { keys: '-', does: 'wider window', run: () => changeWindow(1) },
  { keys: 'v', does: 'chart or table', run: toggleTable },
];
