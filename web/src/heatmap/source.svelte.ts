// The heatmap of a market as it changes: a whole document by request, then the newest columns from the socket.

import { untrack } from 'svelte';

import { clock, socket } from '../lib/clock.svelte';
import type { HeatmapDocument, Problem } from '../lib/documents';
import { address, problemOf, request } from '../lib/rest';
import { route } from '../lib/route.svelte';
import { Held, type Params } from '../lib/source.svelte';
import { type Heatmap, hold, merge } from './merge';
import type { Basis } from './shade';
import { percentOf, spanText } from './words';

/** Whole documents are asked for at most this often while time moves. */
const PAUSE_MS = 1_000;

/** What is asked: the parameters of the request, in its words. */
export interface Question {
  readonly last: string;
  readonly step: string;
  readonly row: string;
  readonly within: string;
}

type Wish = [symbol: string, question: Question, common: Params];

export class HeatSource {
  /** Phase, problem and newest document, as every widget has them. */
  readonly held = new Held<HeatmapDocument>();
  /** What is drawn. A new object with every change. */
  map = $state.raw<Heatmap | null>(null);
  /** Cells and stops of the last whole document: colours are set by them, and stay for newer columns. */
  basis = $state.raw<Basis | null>(null);
  /** The question that the map answers, as text: the view is fitted to an answer to a new one. */
  answered = $state('');
  /** Answers that wait while the reader drags. */
  waiting = $state(0);

  #frozen = false;
  /** The channel could not answer. */
  #lost = false;
  #pending: HeatmapDocument | null = null;
  #fetching: AbortController | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  #lastFetch = Number.NEGATIVE_INFINITY;
  #symbol = '';
  #question: Question = { last: '', step: '', row: '', within: '' };
  #asked: Params = {};
  /** What the channel has to cover. */
  #drawn = $state.raw<{ symbol: string; step: string; within: string } | null>(null);

  /** To be called while a component is made; `symbol` and `question` are read reactively. */
  constructor(symbol: () => string, question: () => Question) {
    // As text: what only colours the cells stands in the address too, and must not ask again.
    const wish = $derived(
      JSON.stringify([
        symbol(),
        question(),
        {
          model: route.param('model'),
          evidence: route.param('evidence'),
          allow_stale: route.param('stale') === 'on' ? 'true' : '',
        },
      ] satisfies Wish),
    );
    $effect(() => {
      void this.held.tries;
      void clock.sessions;
      const [wanted, asked, common] = JSON.parse(wish) as Wish;
      // A replay of this page alone begins where it stands; the server's own clock needs no telling.
      const asOf = clock.replayFrom === '' ? clock.asOf : untrack(() => clock.now ?? '');
      return untrack(() => {
        if (wanted !== this.#symbol) this.#clear();
        this.#symbol = wanted;
        this.#question = asked;
        this.#asked = common;
        if (wanted === '') return undefined;
        this.#whole(asOf);
        return () => this.#stop();
      });
    });
    // The channel has the last two columns, of all rows that are drawn.
    const topic = $derived.by(() => {
      const [wanted, { row }, common] = JSON.parse(wish) as Wish;
      if (!clock.flows || this.#drawn === null || this.#drawn.symbol !== wanted) return '';
      const params = { ...common, step: this.#drawn.step, row, within: this.#drawn.within };
      return JSON.stringify([wanted, Object.entries(params).filter(([, value]) => (value ?? '') !== '')]);
    });
    $effect(() => {
      if (topic === '') return undefined;
      const [wanted, params] = JSON.parse(topic) as [string, [string, string][]];
      return untrack(() =>
        socket.subscribe('heatmap', wanted, Object.fromEntries(params), {
          data: (data) => this.#newer(data as unknown as HeatmapDocument),
          problem: (problem) => {
            this.#lost = true;
            this.#fail(problem);
          },
        }),
      );
    });
  }

  /** Holds newer columns back while the reader drags, and lays the newest in afterwards. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (frozen || this.#pending === null) return;
    const newest = this.#pending;
    this.#pending = null;
    this.waiting = 0;
    this.#newer(newest);
  }

  #clear(): void {
    this.held.clear();
    this.map = this.basis = this.#drawn = null;
  }

  #stop(): void {
    this.#fetching?.abort();
    this.#fetching = null;
    clearTimeout(this.#later);
    this.#pending = null;
    this.waiting = 0;
  }

  /** Asks for the whole document as of a moment (empty: now). */
  #whole(asOf: string): void {
    this.#lastFetch = performance.now();
    const controller = new AbortController();
    this.#fetching = controller;
    const url = address('heatmap', this.#symbol, { ...this.#asked, ...this.#question, as_of: asOf });
    this.held.await();
    void request(url, controller.signal).then(
      (answer) => {
        if (controller.signal.aborted) return;
        this.#fetching = null;
        if (!answer.ok) return this.#fail(answer.problem);
        this.#take(answer.data as HeatmapDocument);
      },
      () => undefined,
    );
  }

  #take(document: HeatmapDocument): void {
    const map = hold(document);
    if ('problem' in map) return this.#fail(problemOf('unreadable', map.problem));
    this.held.give(document);
    this.basis = { block: map.block, stops: map.stops };
    this.answered = JSON.stringify([this.#symbol, this.#question]);
    this.map = map;
    this.#drawn = { symbol: this.#symbol, step: spanText(document.step_s), within: percentOf(map.prices) };
  }

  #fail(problem: Problem): void {
    this.held.fail(problem);
    if (this.held.data === undefined) this.map = null;
  }

  #newer(newest: HeatmapDocument): void {
    if (this.#frozen) {
      this.#pending = newest;
      this.waiting += 1;
      return;
    }
    const { map } = this;
    if (this.#fetching !== null) return;
    if (this.#lost) {
      // The channel answers again: what it took away has to be asked for.
      this.#lost = false;
      return this.#again(newest.as_of);
    }
    if (map === null) return;
    const result = merge(map, newest, { keep: map.columns.length, withinPct: Number.parseFloat(this.#question.within) });
    if (result.kind === 'refetch') return this.#again(newest.as_of);
    this.held.give(newest);
    this.map = result.held;
  }

  /** Asks for the whole document of a moment, soon. */
  #again(asOf: string): void {
    clearTimeout(this.#later);
    const wait = Math.max(this.#lastFetch + PAUSE_MS - performance.now(), 0);
    this.#later = setTimeout(() => {
      this.#fetching?.abort();
      this.#whole(asOf);
    }, wait);
  }
}
