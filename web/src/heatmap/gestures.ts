// What the mouse does beyond what the chart does by itself: shift and wheel zooms prices, a double click shows all.

/** A turn of the wheel. */
const ZOOM = 1.15;

/** Listens on an element, whose plot is `height()` pixels high; gives back how to stop. */
export function gestures(
  host: HTMLElement,
  height: () => number,
  does: { zoom: (factor: number, share: number) => void; fit: () => void },
): () => void {
  const wheel = (event: WheelEvent): void => {
    if (!event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    // Browsers turn the wheel with shift into a sideways one.
    const delta = event.deltaY !== 0 ? event.deltaY : event.deltaX;
    const share = (event.clientY - host.getBoundingClientRect().top) / Math.max(height(), 1);
    does.zoom(delta < 0 ? ZOOM : 1 / ZOOM, Math.min(Math.max(share, 0), 1));
  };
  host.addEventListener('wheel', wheel, { capture: true, passive: false });
  host.addEventListener('dblclick', does.fit);
  return () => {
    host.removeEventListener('wheel', wheel, { capture: true });
    host.removeEventListener('dblclick', does.fit);
  };
}
