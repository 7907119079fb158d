// The two handles: a price that might be reached, and an amount that might be wanted. Both stand on rungs of the
// ladder, so that what they say is what the document says.

import { untrack } from 'svelte';

import { number } from '../lib/format';
import type { ParamValues } from '../lib/params';
import { route } from '../lib/route.svelte';
import { amountOf, rungAtPrice, rungOfAmount, type Ladder } from './ladder';

/** A hand that has rested so long has decided: the address takes it over. */
const REST_MS = 250;

export class WhatIf {
  /** Price the handle was put to; `null` at the market's own price. */
  wanted = $state<number | null>(null);
  /** Amount the slider was put to; `null` for the map's own choice. */
  amount = $state<number | null>(null);
  dragging = $state(false);
  #ladder: () => Ladder | undefined;
  #last: () => number;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #pending: ParamValues = {};

  /** Index of the rung under the price handle, -1 at the price itself or without a ladder. */
  readonly rung = $derived.by(() => {
    const ladder = this.#ladder();
    if (ladder === undefined || this.wanted === null) return -1;
    const at = rungAtPrice(ladder, this.wanted);
    // Nearer to the price than to the first rung: that is no move.
    const gap = Math.abs((ladder.prices[at] ?? NaN) - this.wanted);
    return Math.abs(this.#last() - this.wanted) < gap ? -1 : at;
  });
  /** Index of the rung under the amount handle, -1 without a ladder. */
  readonly amountRung = $derived.by(() => {
    const ladder = this.#ladder();
    return ladder === undefined || this.amount === null ? -1 : rungOfAmount(ladder, this.amount);
  });

  /** To be called while a component is made. `own` is the amount that the map marks by itself. */
  constructor(ladder: () => Ladder | undefined, last: () => number, own: () => number) {
    this.#ladder = ladder;
    this.#last = last;
    $effect.pre(() => {
      const move = route.param('move');
      if (!untrack(() => this.dragging)) this.wanted = move === '' ? null : number(move.slice('to:'.length));
    });
    $effect.pre(() => {
      const text = route.param('amount');
      const asked = amountOf(text);
      if (!untrack(() => this.dragging)) this.amount = Number.isNaN(asked) ? own() : asked;
    });
  }

  moveTo(price: number | null): void {
    this.wanted = price;
    const rung = this.#ladder()?.at[this.rung];
    this.#remember({ move: rung === undefined ? '' : `to:${rung.price}` });
  }

  /** Steps over rungs; the price itself is one stop between those below and those above. */
  step(by: number): void {
    const ladder = this.#ladder();
    if (ladder === undefined || ladder.prices.length === 0) return;
    const below = ladder.prices.filter((price) => price < this.#last()).length;
    const stop = this.rung < 0 ? below : this.rung < below ? this.rung : this.rung + 1;
    const next = Math.min(Math.max(stop + by, 0), ladder.prices.length);
    this.moveTo(next === below ? null : (ladder.prices[next < below ? next : next - 1] ?? null));
  }

  amountTo(rung: number): void {
    const usd = this.#ladder()?.amounts[rung];
    if (usd === undefined) return;
    this.amount = usd;
    this.#remember({ amount: String(usd) });
  }

  #remember(changes: ParamValues): void {
    clearTimeout(this.#rest);
    this.#pending = { ...this.#pending, ...changes };
    this.#rest = setTimeout(() => {
      const pending = this.#pending;
      this.#pending = {};
      route.set(pending);
    }, REST_MS);
  }
}
