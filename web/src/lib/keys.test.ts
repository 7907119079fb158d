import { describe, expect, it } from 'vitest';

import { Keyboard, type Binding } from './keys.svelte';

const binding = (keys: string, always?: true): Binding => ({ keys, does: keys, run: () => undefined, ...(always ? { always } : {}) });
const groups = [
  { title: 'a', bindings: [binding('g m'), binding('g b'), binding('c'), binding('m'), binding(' '), binding('Escape', true)] },
  { title: 'b', bindings: [binding('c')] },
];

function typed(keyboard: Keyboard, keys: string[], place: 'page' | 'text' | 'control' = 'page', pauseMs = 100): (string | undefined)[] {
  return keys.map((key, at) => keyboard.find(groups, key, place, false, at * pauseMs)?.keys);
}

describe('the keyboard', () => {
  it('runs single keys, and two in a row', () => {
    expect(typed(new Keyboard(), ['c', 'g', 'm', 'm', 'g', 'b'])).toEqual(['c', undefined, 'g m', 'm', undefined, 'g b']);
  });

  it('forgets a first key that was long ago, or led nowhere', () => {
    expect(typed(new Keyboard(), ['g', 'm'], 'page', 2_000)).toEqual([undefined, 'm']);
    expect(typed(new Keyboard(), ['g', 'x', 'm'])).toEqual([undefined, undefined, 'm']);
    expect(typed(new Keyboard(), ['g', 'c'])).toEqual([undefined, 'c']);
  });

  it('leaves text and modified keys alone, and presses to the control they are on', () => {
    expect(typed(new Keyboard(), ['c', ' ', 'Escape'], 'text')).toEqual([undefined, undefined, 'Escape']);
    expect(typed(new Keyboard(), ['c', ' ', 'Enter'], 'control')).toEqual(['c', undefined, undefined]);
    expect(new Keyboard().find(groups, 'c', 'page', true, 0)).toBeUndefined();
  });

  it('gives the key to who came last', () => {
    expect(new Keyboard().find(groups, 'c', 'page', false, 0)).toBe(groups[1]?.bindings[0]);
  });
});
