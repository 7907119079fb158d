// Labels that do not lie on one another.

import type { Box } from './chart';

export interface Wish {
  /** Where the label points. */
  x: number;
  y: number;
  text: string;
}

export type Placed<W extends Wish> = W & { box: Box };

const HEIGHT = 16;
const STEP = 6;

/** Width of a text in pixels, near enough to keep labels apart. */
export function widthOf(text: string, size = 12): number {
  let width = 0;
  for (const sign of text) width += /[0-9A-Z$@%▼▲]/.test(sign) ? 0.68 : /[.,:() ]/.test(sign) ? 0.34 : 0.58;
  return width * size;
}

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/**
 * Puts each label above its point (lying down) or right of it (upright), as near as there is room; one that finds
 * no room is left out. Earlier wishes go first.
 */
export function place<W extends Wish>(wishes: readonly W[], within: Box, taken: readonly Box[], upright: boolean): Placed<W>[] {
  const used = [...taken];
  const placed: Placed<W>[] = [];
  for (const wish of wishes) {
    const width = widthOf(wish.text) + 6;
    const clampX = (x: number) => Math.min(Math.max(x, within.x), within.x + within.width - width);
    const tries = Math.floor(within.height / STEP);
    for (let step = 0; step < tries; step += 1) {
      const box = upright
        ? { x: clampX(wish.x + 4), y: wish.y - HEIGHT / 2 + (step % 2 === 0 ? 1 : -1) * Math.ceil(step / 2) * STEP, width, height: HEIGHT }
        : { x: clampX(wish.x - width / 2), y: wish.y - HEIGHT - 10 - step * STEP, width, height: HEIGHT };
      if (box.y < within.y || box.y + box.height > within.y + within.height) {
        if (upright) continue;
        break;
      }
      if (used.some((other) => overlap(other, box))) continue;
      used.push(box);
      placed.push({ ...wish, box });
      break;
    }
  }
  return placed;
}
