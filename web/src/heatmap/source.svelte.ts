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
  /** The address of the document shown. */
  url = $state('');

  #frozen = false;
  #pending: HeatmapDocument | null = null;
  #fetching: AbortController | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  #lastFetch = Number.NEGATIVE_INFINITY;
  #symbol = '';
  #question: Question = { last: '', step: '', row: '', within: '' };
  #asked: Params = {};
  #unsubscribe: () => void = () => undefined;

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
      const flows = clock.flows;
      const asOf = flows ? untrack(() => (clock.mode === 'replay' ? (clock.now ?? '') : '')) : clock.asOf;
      return untrack(() => {
        if (wanted !== this.#symbol) this.#clear();
        this.#symbol = wanted;
        this.#question = asked;
        this.#asked = common;
        if (wanted === '') return undefined;
        this.#whole(asOf, flows);
        return () => this.#stop();
      });
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
    this.map = this.basis = null;
  }

  #stop(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => undefined;
    this.#fetching?.abort();
    this.#fetching = null;
    clearTimeout(this.#later);
    this.#pending = null;
    this.waiting = 0;
  }

  /** Asks for the whole document as of a moment (empty: now), and follows the channel from there if time moves. */
  #whole(asOf: string, follow: boolean): void {
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
        this.#take(answer.data as HeatmapDocument, url);
        if (follow) this.#follow();
      },
      () => undefined,
    );
  }

  #take(document: HeatmapDocument, url: string): void {
    const map = hold(document);
    if ('problem' in map) return this.#fail(problemOf('unreadable', map.problem));
    this.held.give(document);
    this.url = url;
    this.basis = { block: map.block, stops: map.stops };
    this.answered = JSON.stringify([this.#symbol, this.#question]);
    this.map = map;
  }

  #fail(problem: Problem): void {
    this.held.fail(problem);
    if (this.held.data === undefined) this.map = null;
  }

  /** The channel has the last two columns, of all rows that are drawn. */
  #follow(): void {
    const { map } = this;
    if (map === null) return;
    this.#unsubscribe();
    const params: Params = {
      ...this.#asked,
      step: spanText(map.document.step_s),
      row: this.#question.row,
      within: percentOf(map.prices),
    };
    const filled = Object.entries(params).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
    this.#unsubscribe = socket.subscribe('heatmap', this.#symbol, Object.fromEntries(filled), {
      data: (data) => this.#newer(data as unknown as HeatmapDocument),
      problem: (problem) => this.#fail(problem),
    });
  }

  #newer(newest: HeatmapDocument): void {
    if (this.#frozen) {
      this.#pending = newest;
      this.waiting += 1;
      return;
    }
    const { map } = this;
    if (map === null || this.#fetching !== null) return;
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
      this.#whole(asOf, true);
    }, wait);
  }
}
