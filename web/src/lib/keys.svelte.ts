// The keyboard: every page says what its keys do, one listener runs them, and the help lists them.

import { untrack } from 'svelte';

export interface Binding {
  /** As `event.key` has it (`c`, `/`, `?`, `Escape`, ` `), or two in a row (`g m`). */
  keys: string;
  /** What happens, for the help. */
  does: string;
  run: (event: KeyboardEvent) => void;
  /** Also where text is typed (Escape). */
  always?: true;
}

interface Group {
  title: string;
  bindings: Binding[];
}

const PREFIX_MS = 1_500;

/** What of the page takes keys itself: letters there are text, space and enter are presses. */
type Place = 'page' | 'text' | 'control';

/** Finds what a key means, given what was typed before. Pure, but for the prefix it remembers. */
export class Keyboard {
  #prefix: { key: string; at: number } | null = null;

  /** The binding to run, if any; later groups win over earlier ones. */
  find(groups: readonly Group[], key: string, place: Place, modified: boolean, nowMs: number): Binding | undefined {
    const all = groups.flatMap((group) => group.bindings).reverse();
    if (modified) return undefined;
    if (place === 'text') return all.find((binding) => binding.always === true && binding.keys === key);
    const prefix = this.#prefix !== null && nowMs - this.#prefix.at < PREFIX_MS ? `${this.#prefix.key} ` : '';
    this.#prefix = null;
    const found = all.find((binding) => binding.keys === prefix + key) ?? all.find((binding) => binding.keys === key);
    if (found !== undefined) {
      const pressed = place === 'control' && (key === ' ' || key === 'Enter');
      return pressed ? undefined : found;
    }
    if (all.some((binding) => binding.keys.startsWith(`${key} `))) this.#prefix = { key, at: nowMs };
    return undefined;
  }
}

class Keys {
  groups = $state.raw<Group[]>([]);
  #keyboard = new Keyboard();

  /** Makes keys do something while the component stands. To be called while it is made. */
  bind(title: string, bindings: Binding[]): void {
    $effect(() => {
      const group = { title, bindings };
      this.groups = [...untrack(() => this.groups), group];
      return () => {
        this.groups = this.groups.filter((other) => other !== group);
      };
    });
  }

  handle = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    // A dialog takes all keys until it is closed.
    if (event.target instanceof Element && event.target.closest('dialog') !== null) return;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const binding = this.#keyboard.find(this.groups, named(event), placeOf(event.target), modified, event.timeStamp);
    if (binding === undefined) return;
    event.preventDefault();
    binding.run(event);
  };
}

/** The key, letters without regard to shift; comma and period by their place, as shift changes them. */
function named(event: KeyboardEvent): string {
  if (event.code === 'Comma') return ',';
  if (event.code === 'Period') return '.';
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

function placeOf(target: EventTarget | null): Place {
  if (!(target instanceof HTMLElement)) return 'page';
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return 'text';
  if (target instanceof HTMLInputElement) return ['range', 'checkbox', 'radio', 'button'].includes(target.type) ? 'control' : 'text';
  if (target instanceof HTMLSelectElement) return 'text';
  return target.closest('button, a, summary, [role=radio], [role=option], [role=row]') === null ? 'page' : 'control';
}

export const keys = new Keys();
