// One subscription: the document, put together from snapshots and patches, and who listens to it.

import type { Problem } from './documents';
import { isProblem } from './guards';
import { applyPatch, type Json } from './patch';

/** A message of the server, as an object of anything. */
export type Message = Record<string, Json | undefined>;

export interface Listener {
  /** The whole document, as of now. */
  data?: (data: Json) => void;
  /** New rows of an event channel. */
  events?: (rows: Json[]) => void;
  /** The document cannot be answered now. */
  problem?: (problem: Problem) => void;
}

export class Topic {
  readonly listeners = new Set<Listener>();
  #name: string | null = null;
  #epoch: string | null = null;
  #seq: number | null = null;
  #data: Json | undefined;

  constructor(
    public id: number,
    readonly channel: string,
    readonly symbol: string,
    readonly params: Record<string, string>,
  ) {}

  /** What is asked of the server; where something was held, to go on from there. */
  get wish(): object {
    const { id, channel, symbol, params } = this;
    const resume =
      this.#epoch !== null && this.#seq !== null ? { resume: { epoch: this.#epoch, seq: this.#seq } } : {};
    return { op: 'subscribe', id, channel, ...(symbol === '' ? {} : { symbol }), params, ...resume };
  }

  listen(listener: Listener): void {
    this.listeners.add(listener);
    if (this.#data !== undefined) listener.data?.(this.#data);
  }

  /** Forgets all that was held: the next answer is a whole one. */
  forget(id: number): void {
    this.id = id;
    this.#name = this.#epoch = this.#seq = null;
    this.#data = undefined;
  }

  subscribed(message: Message): void {
    this.#name = typeof message['topic'] === 'string' ? message['topic'] : null;
    const epoch = typeof message['epoch'] === 'string' ? message['epoch'] : null;
    // What was counted in another epoch means nothing in this one.
    if (epoch !== this.#epoch) this.#seq = null;
    this.#epoch = epoch;
  }

  /** Takes a snapshot, delta or events of this topic; false if they do not fit what is held. */
  take(message: Message): boolean {
    const { op, topic, seq } = message;
    if (this.#name === null || topic !== this.#name || typeof seq !== 'number') return true;
    if (op === 'snapshot') this.#snapshot(seq, message);
    else if (op === 'events') this.#events(seq, message['data']);
    else return this.#delta(seq, message['patch']);
    return true;
  }

  fail(problem: Problem): void {
    for (const listener of this.listeners) listener.problem?.(problem);
  }

  #snapshot(seq: number, message: Message): void {
    this.#seq = seq;
    if (isProblem(message['problem'])) {
      this.#data = undefined;
      this.fail(message['problem']);
    } else if (message['data'] !== undefined) {
      this.#publish(message['data']);
    }
  }

  #delta(seq: number, patch: unknown): boolean {
    if (this.#seq !== null && seq <= this.#seq) return true;
    if (this.#data === undefined || this.#seq === null || seq !== this.#seq + 1) return false;
    try {
      const data = applyPatch(this.#data, patch);
      this.#seq = seq;
      this.#publish(data);
      return true;
    } catch {
      return false;
    }
  }

  #events(seq: number, rows: Json | undefined): void {
    if (!Array.isArray(rows) || (this.#seq !== null && seq <= this.#seq)) return;
    // `seq` is that of the last row; what was seen before a reconnect is not shown twice.
    const fresh = this.#seq === null ? rows : rows.slice(Math.max(0, rows.length - (seq - this.#seq)));
    this.#seq = seq;
    for (const listener of this.listeners) listener.events?.(fresh);
  }

  #publish(data: Json): void {
    this.#data = data;
    for (const listener of this.listeners) listener.data?.(data);
  }
}
