// What is said to readers of the screen while figures change: at most one sentence a minute, the newest.

const EVERY_MS = 60_000;

class Announcer {
  said = $state('');
  #last = -Infinity;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  say(sentence: string): void {
    clearTimeout(this.#waiting);
    const pause = Math.max(0, this.#last + EVERY_MS - Date.now());
    this.#waiting = setTimeout(() => {
      this.#last = Date.now();
      this.said = sentence;
    }, pause);
  }
}

export const announcer = new Announcer();
