// How the page looks: theme and zone of times. The reader's choice is remembered; an address may override it.

import type { Zone } from './format';
import { route } from './route.svelte';

export type Theme = 'light' | 'dark' | 'contrast';

const KEY = 'liqlens.look.1';
const THEMES: readonly string[] = ['light', 'dark', 'contrast'];

function stored(): { theme?: Theme; zone?: Zone } {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (value === null || typeof value !== 'object') return {};
    const { theme, zone } = value as Record<string, unknown>;
    return {
      ...(typeof theme === 'string' && THEMES.includes(theme) ? { theme: theme as Theme } : {}),
      ...(zone === 'utc' || zone === 'local' ? { zone } : {}),
    };
  } catch {
    // No storage (private mode, blocked): the choice lasts as long as the page.
    return {};
  }
}

class Look {
  #chosen = $state.raw(typeof localStorage === 'undefined' ? {} : stored());
  #system = $state<Theme>('light');

  readonly theme: Theme = $derived.by(() => {
    const asked = route.param('theme');
    return THEMES.includes(asked) ? (asked as Theme) : (this.#chosen.theme ?? this.#system);
  });
  readonly zone: Zone = $derived.by(() => {
    const asked = route.param('tz');
    return asked === 'utc' || asked === 'local' ? asked : (this.#chosen.zone ?? 'utc');
  });

  choose(change: { theme?: Theme; zone?: Zone }): void {
    this.#chosen = { ...this.#chosen, ...change };
    if (change.theme !== undefined) route.set({ theme: null });
    if (change.zone !== undefined) route.set({ tz: null });
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#chosen));
    } catch {
      // See above.
    }
  }

  /** Keeps the document's theme in step; to be called once, where effects may be made. */
  start(): void {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const contrast = matchMedia('(prefers-contrast: more)');
    const follow = () => (this.#system = contrast.matches ? 'contrast' : dark.matches ? 'dark' : 'light');
    follow();
    dark.addEventListener('change', follow);
    contrast.addEventListener('change', follow);
    $effect.pre(() => {
      document.documentElement.dataset['theme'] = this.theme;
    });
  }
}

export const look = new Look();
