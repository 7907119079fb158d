// Colours of the theme, for canvases.

import type { Colours } from './draw';

/** The theme's colours as they hold for an element. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim() || '#808080';
  return {
    background: token('background'),
    ink: token('ink'),
    muted: token('muted'),
    grid: token('grid'),
    gap: token('missing'),
    gapLine: token('missing-line'),
    long: token('long-4'),
    short: token('short-4'),
  };
}
