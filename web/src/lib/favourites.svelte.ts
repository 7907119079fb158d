// Markets a reader marked, remembered in this browser alone.

const KEY = 'liqlens.favourites.1';
const MOST = 200;

function stored(): string[] {
  try {
    return readFavourites(localStorage.getItem(KEY));
  } catch {
    // No storage (private mode, blocked): the marks last as long as the page.
    return [];
  }
}

/** The marks in a stored text; anything else than a list of names is none. */
export function readFavourites(text: string | null): string[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(value)) return [];
    const names = value.filter((name: unknown): name is string => typeof name === 'string' && name !== '' && name.length <= 64);
    return [...new Set(names)].slice(0, MOST);
  } catch {
    return [];
  }
}

class Favourites {
  #names = $state.raw<readonly string[]>(typeof localStorage === 'undefined' ? [] : stored());

  get any(): boolean {
    return this.#names.length > 0;
  }

  has(market: string): boolean {
    return this.#names.includes(market);
  }

  toggle(market: string): void {
    this.#names = this.has(market) ? this.#names.filter((name) => name !== market) : [...this.#names, market].slice(-MOST);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#names));
    } catch {
      // See above.
    }
  }
}

export const favourites = new Favourites();
