// Keys of the heatmap.

/** What a key asks for. */
export type Step =
  | { readonly kind: 'move'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'reset' | 'close' | 'pin' };

/** Columns or rows of one step with the shift key. */
const LARGE = 10;
const ZOOM = 1.4;
/** Further than any heatmap is wide. */
const END = 1e6;

/** What a key asks for; `null` if it is none of the heatmap's. */
export function stepOf(key: string, shift: boolean): Step | null {
  const size = shift ? LARGE : 1;
  switch (key) {
    case 'ArrowLeft':
      return { kind: 'move', columns: -size, rows: 0 };
    case 'ArrowRight':
      return { kind: 'move', columns: size, rows: 0 };
    case 'ArrowUp':
      return { kind: 'move', columns: 0, rows: size };
    case 'ArrowDown':
      return { kind: 'move', columns: 0, rows: -size };
    case 'PageUp':
      return { kind: 'move', columns: 0, rows: LARGE };
    case 'PageDown':
      return { kind: 'move', columns: 0, rows: -LARGE };
    case 'Home':
      return { kind: 'move', columns: -END, rows: 0 };
    case 'End':
      return { kind: 'move', columns: END, rows: 0 };
    case '+':
    case '=':
      return { kind: 'zoom', factor: ZOOM };
    case '-':
    case '_':
    case '−':
      return { kind: 'zoom', factor: 1 / ZOOM };
    case '0':
      return { kind: 'reset' };
    case 'Escape':
      return { kind: 'close' };
    case 'Enter':
      return { kind: 'pin' };
    default:
      return null;
  }
}
