import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { AtMove, ReachPair } from '../lib/documents';
import { route } from '../lib/route.svelte';
import { Held } from './held.svelte';
import { readLadder, type Ladder } from './ladder';
import { WhatIf } from './whatif.svelte';

const rungs = ['90.0', '95.0', '99.0', '101.0', '105.0'].map((price) => ({ price }) as AtMove);
const pairs = ['1000000.00', '2000000.00', '5000000.00'].map((amount_usd) => ({ amount_usd }) as ReachPair);

/** Runs with effects, as a component would. */
function inside(run: () => void): void {
  $effect.root(run)();
}

describe('the handles', () => {
  let ladder = $state.raw<Ladder | undefined>(undefined);

  beforeEach(() => {
    vi.useFakeTimers();
    route.read('/map/BTC', '');
    ladder = readLadder({ at: rungs, reach: pairs });
  });
  afterEach(() => vi.useRealTimers());

  const made = () => new WhatIf(() => ladder, () => 100, () => 2e6);

  it('step over the rungs, with the price itself as one stop', () => {
    inside(() => {
      const whatif = made();
      flushSync();
      const stops = [1, 1, 1, -1, -1, -1, -1, -10, 10].map((by) => {
        whatif.step(by);
        return whatif.rung;
      });
      expect(stops).toEqual([3, 4, 4, 3, -1, 2, 1, 0, 4]);
    });
  });

  it('stand on the nearest rung, or on none beside the price', () => {
    inside(() => {
      const whatif = made();
      flushSync();
      const at = [94, 99.4, 99.6, 100.4, 100.6, 400].map((price) => {
        whatif.moveTo(price);
        return whatif.rung;
      });
      expect(at).toEqual([1, 2, -1, -1, 3, 4]);
    });
  });

  it('write where they rest into the address, and read it from there', () => {
    inside(() => {
      const whatif = made();
      flushSync();
      whatif.moveTo(94);
      whatif.amountTo(2);
      expect(route.address()).toBe('/map/BTC');
      vi.advanceTimersByTime(300);
      expect(route.address()).toBe('/map/BTC?amount=5000000&move=to:95.0');
      route.read('/map/BTC', '?amount=1M&move=to:104');
      flushSync();
      expect([whatif.rung, whatif.amountRung]).toEqual([4, 0]);
      whatif.moveTo(null);
      vi.advanceTimersByTime(300);
      expect(route.address()).toBe('/map/BTC?amount=1M');
    });
  });

  it('begin with the map’s own amount, and stay where they are when the ladder changes', () => {
    inside(() => {
      const whatif = made();
      flushSync();
      expect(whatif.amountRung).toBe(1);
      whatif.moveTo(95);
      ladder = readLadder({ at: rungs.slice(1), reach: pairs });
      expect(whatif.rung).toBe(0);
      ladder = undefined;
      expect([whatif.rung, whatif.amountRung]).toEqual([-1, -1]);
    });
  });
});

describe('what is held', () => {
  it('stands still under the hand, counts what waits, and then shows the newest', () => {
    inside(() => {
      let newest = $state.raw<number | undefined>(undefined);
      let hand = $state(false);
      const held = new Held(() => newest, () => hand);
      const seen = (change: () => void) => {
        change();
        flushSync();
        return [held.shown, held.waiting];
      };
      expect(seen(() => (newest = 1))).toEqual([1, 0]);
      expect(seen(() => (hand = true))).toEqual([1, 0]);
      expect(seen(() => (newest = 2))).toEqual([1, 1]);
      expect(seen(() => (newest = 3))).toEqual([1, 2]);
      expect(seen(() => (hand = false))).toEqual([3, 0]);
      expect(seen(() => (newest = 4))).toEqual([4, 0]);
    });
  });
});
