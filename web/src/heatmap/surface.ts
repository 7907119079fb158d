// The raster as pictures: one texel a cell, and coarser ones for screens with fewer pixels than cells.

import { type Block, colourTable, grouped, recolour } from './raster';
import type { Shading } from './scale';

/** A picture of the raster whose texels are groups of `wide × high` cells. */
export interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly wide: number;
  readonly high: number;
  /** Cells that the first group of columns lacks. */
  readonly lead: number;
}

interface Kept {
  readonly picture: Picture;
  readonly block: Block;
  readonly image: ImageData;
  readonly pixels: Uint32Array;
  coloured: boolean;
}

/** Pictures kept at a time. */
const KEPT = 3;

/** Cells, colours, and the pictures they make. Pictures are made when they are asked for. */
export class Surface {
  #block: Block = { columns: 0, rows: 0, cells: new Float32Array(0) };
  #firstColumn = 0;
  #table: Uint32Array | null = null;
  #kept = new Map<string, Kept>();
  readonly #coloured: (milliseconds: number, cells: number) => void;

  constructor(coloured: (milliseconds: number, cells: number) => void = () => undefined) {
    this.#coloured = coloured;
  }

  get block(): Block {
    return this.#block;
  }

  /** New or changed cells. `firstColumn` is the number of the oldest column on the grid of time. */
  setBlock(block: Block, firstColumn: number): void {
    this.#block = block;
    this.#firstColumn = firstColumn;
    const whole = this.#kept.get('1x1');
    this.#kept.clear();
    // The largest picture is used again if it has the shape.
    if (whole?.block.columns === block.columns && whole.block.rows === block.rows) {
      this.#kept.set('1x1', { ...whole, block, coloured: false });
    }
  }

  /** New colours for the same cells. */
  setShading(palette: Uint32Array, shading: Shading): void {
    this.#table = colourTable(palette, shading);
    for (const kept of this.#kept.values()) kept.coloured = false;
  }

  /** The picture of groups of `wide × high` cells; `null` if there are no cells, or no canvas. */
  picture(wide: number, high: number): Picture | null {
    const name = `${wide}x${high}`;
    const kept = this.#kept.get(name) ?? this.#make(name, wide, high);
    if (kept === null) return null;
    if (!kept.coloured) this.#colour(kept);
    return kept.picture;
  }

  #make(name: string, wide: number, high: number): Kept | null {
    const { columns, rows } = this.#block;
    if (columns === 0 || rows === 0) return null;
    const lead = ((this.#firstColumn % wide) + wide) % wide;
    const block = grouped(this.#block, wide, high, lead);
    const canvas = document.createElement('canvas');
    canvas.width = block.columns;
    canvas.height = block.rows;
    const image = canvas.getContext('2d')?.createImageData(block.columns, block.rows);
    if (image === undefined) return null;
    const pixels = new Uint32Array(image.data.buffer);
    const kept = { picture: { canvas, wide, high, lead }, block, image, pixels, coloured: false };
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= KEPT && oldest.value !== undefined) this.#kept.delete(oldest.value);
    this.#kept.set(name, kept);
    return kept;
  }

  #colour(kept: Kept): void {
    if (this.#table === null) return;
    const started = performance.now();
    recolour(kept.block.cells, kept.pixels, this.#table);
    kept.picture.canvas.getContext('2d')?.putImageData(kept.image, 0, 0);
    kept.coloured = true;
    this.#coloured(performance.now() - started, kept.block.cells.length);
  }
}
