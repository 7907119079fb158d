// What moves under the reader's hand stands still: while a widget is held, new documents wait and are counted.

export class Held<T> {
  shown = $state.raw<T | undefined>(undefined);
  waiting = $state(0);
  #newest: T | undefined;

  /** Follows a value; holds what is shown while `held` says so. To be called while a component is made. */
  constructor(newest: () => T | undefined, held: () => boolean) {
    $effect.pre(() => {
      const value = newest();
      const keep = held();
      if (keep && this.#newest !== undefined && value !== undefined) {
        if (value !== this.#newest) this.waiting += 1;
      } else {
        this.waiting = 0;
        this.shown = value;
      }
      this.#newest = value;
    });
  }
}
