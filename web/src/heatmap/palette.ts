// Heat palettes as tables of 256 colours.
//
// Viridis and inferno are by S. van der Walt and N. Smith (matplotlib 1.5, CC0), cividis by J. R. Nuñez,
// C. R. Anderton and R. S. Renslow (PLoS ONE 13(7), 2018). Each is kept as seventeen equally spaced control
// points and is straight in sRGB between them. All of them, and the greys, only brighten.

/** Colours of one cell, in the order a user sees them offered. */
export const PALETTES = ['viridis', 'cividis', 'inferno', 'greys'] as const;
export type PaletteName = (typeof PALETTES)[number];

/** Entries of a table: 0 is a cell that holds nothing, 1 to 255 rise with its dollars. */
export const SHADES = 256;

const CONTROL: Record<PaletteName, string> = {
  viridis:
    '440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1f9f88 27ad81 3dbc74 5cc863 81d34d aadc32 d5e21a fde725',
  cividis:
    '00224e 002e6a 1a386f 32436d 434e6c 535a6d 61656f 6f7073 7d7c78 8b8778 9a9376 aaa073 bbad6d ccba64 ddc858 efd748 fee838',
  inferno:
    '000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 d04545 e35933 f1711f f98c0a fcaa0f f9c932 f2e865 fcffa4',
  greys: '0b0b0b 191919 272727 353535 434343 525252 616161 707070 7f7f7f 8e8e8e 9d9d9d adadad bdbdbd cdcdcd dddddd ededed fbfbfb',
};

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

function parse(hex: string): Rgb {
  const value = Number.parseInt(hex, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

const POINTS: Record<PaletteName, readonly Rgb[]> = {
  viridis: CONTROL.viridis.split(' ').map(parse),
  cividis: CONTROL.cividis.split(' ').map(parse),
  inferno: CONTROL.inferno.split(' ').map(parse),
  greys: CONTROL.greys.split(' ').map(parse),
};

/** The colour at a share of the way from the darkest (0) to the brightest (1). */
export function colourAt(name: PaletteName, share: number): Rgb {
  const points = POINTS[name];
  const last = points.length - 1;
  const at = (share >= 0 ? Math.min(share, 1) : 0) * last;
  const lower = Math.min(Math.floor(at), last - 1);
  const from = points[lower] ?? [0, 0, 0];
  const to = points[lower + 1] ?? from;
  const mix = (a: number, b: number): number => Math.round(a + (b - a) * (at - lower));
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

/** One pixel as canvas image data holds it in memory, whatever the byte order of the machine. */
export function packed([red, green, blue]: Rgb, alpha = 255): number {
  return new Uint32Array(new Uint8Array([red, green, blue, alpha]).buffer)[0] ?? 0;
}

/** The palette as 256 packed pixels. */
export function shades(name: PaletteName): Uint32Array {
  return Uint32Array.from({ length: SHADES }, (_, shade) => packed(colourAt(name, shade / (SHADES - 1))));
}

/** A colour as style text. */
export function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
