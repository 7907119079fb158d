// What a chart has painted.
import type { Locator } from '@playwright/test';

/** A number that changes with any pixel of the canvases inside an element. */
export function painted(chart: Locator): Promise<number> {
  return chart.evaluate((element) => {
    let hash = 0x811c9dc5;
    for (const canvas of element.querySelectorAll('canvas')) {
      if (canvas.width === 0 || canvas.height === 0) continue;
      const pixels = new Uint32Array(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data.buffer ?? new ArrayBuffer(0));
      for (const pixel of pixels) hash = Math.imul(hash ^ pixel, 0x01000193);
    }
    return hash >>> 0;
  });
}

/** The colour under a point of an element, of its lowest canvas there that is not transparent: `r,g,b`. */
export function colour(chart: Locator, x: number, y: number): Promise<string> {
  return chart.evaluate(
    (element, at) => {
      const origin = element.getBoundingClientRect();
      for (const canvas of element.querySelectorAll('canvas')) {
        const box = canvas.getBoundingClientRect();
        const [left, top] = [at.x + origin.left - box.left, at.y + origin.top - box.top];
        if (left < 0 || top < 0 || left >= box.width || top >= box.height) continue;
        const scale = canvas.width / box.width;
        const pixel = canvas.getContext('2d')?.getImageData(Math.floor(left * scale), Math.floor(top * scale), 1, 1).data;
        if (pixel !== undefined && pixel[3] === 255) return `${pixel[0]},${pixel[1]},${pixel[2]}`;
      }
      return 'nothing';
    },
    { x, y },
  );
}
