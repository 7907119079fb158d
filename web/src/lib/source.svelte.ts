// Documents as reactive values. A source asks by request while the page stands still, and follows the socket
// while time moves; a component only sees that its data change.

import { untrack } from 'svelte';

import { clock, socket } from './clock.svelte';
import type { Documents, Problem, StateDocuments } from './documents';
import { address, isAsked, problemOf, remembered, request } from './rest';
import { route } from './route.svelte';
import { fromMs, toMs } from './time';

export type Phase =
  /** Nothing yet, for less than three seconds: grey shapes. */
  | 'loading'
  /** Nothing yet, for longer: say what is awaited. */
  | 'waiting'
  | 'ready'
  /** No data for this choice. */
  | 'empty'
  /** The server has the market but is not ready with it. */
  | 'warming'
  /** There is an answer, and it is too weak to be shown (grade D). */
  | 'withheld'
  | 'error';

export interface Source<T> {
  readonly phase: Phase;
  /** The newest document; kept while the next one is on its way and while the server is away. */
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  /** A newer document is on its way. */
  readonly refreshing: boolean;
  /** When the document arrived (milliseconds of this machine). */
  readonly arrived: number | undefined;
  retry: () => void;
}

export type Params = Record<string, string | undefined>;

const SLOW_MS = 3_000;
const TOO_SLOW_MS = 15_000;
/** Series are asked again at most this often while time moves, in seconds of the data. */
const SERIES_STEP_S = 60;

/** One document and its phase. */
export class Held<T> implements Source<T> {
  phase = $state<Phase>('loading');
  data = $state.raw<T | undefined>(undefined);
  problem = $state.raw<Problem | undefined>(undefined);
  refreshing = $state(false);
  arrived = $state<number | undefined>(undefined);
  tries = $state(0);
  #timers: ReturnType<typeof setTimeout>[] = [];

  retry = (): void => {
    this.tries += 1;
  };

  /** Waits for an answer; what is shown stays. */
  await(): void {
    this.settle();
    this.refreshing = true;
    if (this.data !== undefined) return;
    this.phase = 'loading';
    this.problem = undefined;
    this.#timers = [
      setTimeout(() => (this.phase = 'waiting'), SLOW_MS),
      setTimeout(() => this.fail(problemOf('timeout', 'There was no answer for 15 seconds.')), TOO_SLOW_MS),
    ];
  }

  give(data: T): void {
    this.settle();
    this.data = data;
    this.problem = undefined;
    this.phase = 'ready';
    this.arrived = Date.now();
  }

  fail(problem: Problem): void {
    this.settle();
    this.problem = problem;
    this.phase = phaseOf(problem);
    // A server that is away takes nothing from the page; any other answer replaces what was shown.
    if (problem.code === 'unreachable' && this.data !== undefined) this.phase = 'ready';
    else this.data = undefined;
  }

  clear(): void {
    this.settle();
    this.data = undefined;
    this.problem = undefined;
    this.phase = 'loading';
  }

  settle(): void {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.refreshing = false;
  }
}

function phaseOf(problem: Problem): Phase {
  if (problem.code === 'withheld') return 'withheld';
  if (problem.code === 'loading' || problem.code === 'warming') return 'warming';
  return problem.status === 404 ? 'empty' : 'error';
}

/** What is asked of every document: model, evidence, and whether weak answers are shown. */
function common(): Params {
  return {
    model: route.param('model'),
    evidence: route.param('evidence'),
    allow_stale: route.param('stale') === 'on' ? 'true' : '',
  };
}

const CHANNEL: Partial<Record<keyof StateDocuments, string>> = { tick: 'price' };
const ALONE: readonly string[] = ['overview', 'health', 'symbols', 'venues'];

/**
 * The document of a channel for a symbol, as it changes. To be called while a component is made; `symbol` and
 * `params` are read reactively. An empty symbol waits (channels of no symbol do not).
 */
export function source<N extends keyof StateDocuments>(
  channel: N,
  symbol: () => string = () => '',
  params: () => Params = () => ({}),
): Source<StateDocuments[N]> {
  const held = new Held<StateDocuments[N]>();
  let shown = '';
  // One value of all that is asked: what is asked the same again is not asked again.
  const wish = $derived(
    JSON.stringify({ symbol: symbol(), flows: clock.flows, params: filled({ ...common(), ...params() }), asOf: channel === 'health' ? '' : clock.asOf }),
  );
  $effect(() => {
    void held.tries;
    const asked = JSON.parse(wish) as { symbol: string; flows: boolean; params: Record<string, string>; asOf: string };
    if (!asked.flows) void clock.sessions;
    return untrack(() => {
      if (asked.symbol !== shown) held.clear();
      shown = asked.symbol;
      if (asked.symbol === '' && !ALONE.includes(channel)) return undefined;
      held.await();
      if (!asked.flows) return ask(held, address(channel, asked.symbol, { ...asked.params, as_of: asked.asOf }));
      return socket.subscribe(CHANNEL[channel] ?? channel, asked.symbol, asked.params, {
        data: (data) => held.give(data as unknown as StateDocuments[N]),
        problem: (problem) => held.fail(problem),
      });
    });
  });
  return held;
}

/**
 * Rows of an event channel as they happen, while time moves; `fresh` gets the new ones, each once. Where time stands
 * still nothing happens: what happened is `fetched`.
 */
export function events<T>(channel: 'tape', symbol: () => string, params: () => Params, fresh: (rows: T[]) => void): void {
  const wish = $derived(JSON.stringify({ symbol: symbol(), flows: clock.flows, params: filled(params()) }));
  $effect(() => {
    const asked = JSON.parse(wish) as { symbol: string; flows: boolean; params: Record<string, string> };
    if (!asked.flows || asked.symbol === '') return undefined;
    return untrack(() => socket.subscribe(channel, asked.symbol, asked.params, { events: (rows) => fresh(rows as T[]) }));
  });
}

/**
 * A document that is asked for: a series, a list. While time moves it is asked again once a minute of the data.
 */
export function fetched<N extends keyof Documents>(
  name: N,
  symbol: () => string = () => '',
  params: () => Params = () => ({}),
): Source<Documents[N]> {
  const held = new Held<Documents[N]>();
  let shown = '';
  const moment = $derived.by(() => {
    if (!clock.flows) return clock.asOf;
    const ms = toMs(clock.now ?? '');
    return Number.isNaN(ms) ? '' : fromMs(Math.floor(ms / 1000 / SERIES_STEP_S) * SERIES_STEP_S * 1000);
  });
  const wish = $derived(
    JSON.stringify({ symbol: symbol(), params: filled(ALONE.includes(name) ? params() : { ...params(), as_of: moment }) }),
  );
  $effect(() => {
    void held.tries;
    void clock.sessions;
    const asked = JSON.parse(wish) as { symbol: string; params: Record<string, string> };
    return untrack(() => {
      if (asked.symbol !== shown) held.clear();
      shown = asked.symbol;
      if (asked.symbol === '' && !ALONE.includes(name)) return undefined;
      held.await();
      return ask(held, address(name, asked.symbol, asked.params));
    });
  });
  return held;
}

/** Asks, and gives back how to stop asking. */
function ask<T>(held: Held<T>, url: string): () => void {
  const controller = new AbortController();
  const before = remembered(url);
  if (before !== undefined) {
    held.give(before as T);
    held.refreshing = true;
  }
  void request(url, controller.signal).then(
    (answer) => {
      if (controller.signal.aborted) return;
      if (answer.ok) held.give(answer.data as T);
      else held.fail(answer.problem);
    },
    () => undefined,
  );
  return () => controller.abort();
}

function filled(params: Params): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(isAsked));
}
