// How much room there is.

class Viewport {
  /** A phone, held upright. */
  narrow = $state(false);

  start(): () => void {
    const query = matchMedia('(max-width: 640px)');
    const follow = () => (this.narrow = query.matches);
    follow();
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }
}

export const viewport = new Viewport();
