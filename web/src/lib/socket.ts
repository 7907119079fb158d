// The live connection: one WebSocket for the whole page. It subscribes, puts documents together from snapshots
// and patches, notices when the server is gone, comes back with growing pauses, and resumes where it was.

import type { Clock, Problem } from './documents';
import { applyPatch, type Json } from './patch';

export type Link =
  /** Not open yet, for the first time. */
  | 'connecting'
  | 'open'
  /** Gone for less than three seconds: nothing to tell the reader yet. */
  | 'lost'
  | 'offline'
  /** Closed on purpose while nobody looks. */
  | 'paused';

export interface Listener {
  /** The whole document, as of now. */
  data?: (data: Json) => void;
  /** New rows of an event channel. */
  events?: (rows: Json[]) => void;
  /** The document cannot be answered now. */
  problem?: (problem: Problem) => void;
}

export interface Watcher {
  link?: (link: Link) => void;
  clock?: (clock: Clock, watermarks: Record<string, string>) => void;
  /** The server's version; a second, different one means that the page is older than its server. */
  version?: (version: string) => void;
}

export interface ReplayWish {
  from?: string;
  speed?: number;
  playing?: boolean;
  seek?: string;
  end?: boolean;
}

/** What of a browser's WebSocket is used. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send: (text: string) => void;
  close: () => void;
}

/** What is taken from the machine, so that tests need no clock. */
export interface Machine {
  open: () => Wire;
  later: (run: () => void, ms: number) => unknown;
  cancel: (timer: unknown) => void;
  random: () => number;
}

interface Subscription {
  id: number;
  channel: string;
  symbol: string;
  params: Record<string, string>;
  listeners: Set<Listener>;
  topic: string | null;
  epoch: string | null;
  seq: number | null;
  data: Json | undefined;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const OFFLINE_AFTER_MS = 3_000;
/** Three heartbeats without a word: the peer is dead though the connection stands. */
const SILENT_AFTER_MS = 15_000;

export class Socket {
  #machine: Machine;
  #watchers = new Set<Watcher>();
  #subscriptions = new Map<string, Subscription>();
  #wire: Wire | null = null;
  #ready = false;
  #link: Link = 'connecting';
  #lastId = 0;
  #failures = 0;
  #retry: unknown = null;
  #grace: unknown = null;
  #silence: unknown = null;
  #replay: { from: string; speed: number; playing: boolean } | null = null;
  #now: string | null = null;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get link(): Link {
    return this.#link;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    watcher.link?.(this.#link);
    return () => this.#watchers.delete(watcher);
  }

  /** Opens the connection and keeps it open. */
  start(): void {
    if (this.#wire === null && this.#retry === null) this.#connect();
  }

  /** Closes the connection until `start`; what was subscribed resumes then. */
  pause(): void {
    this.#clear();
    this.#drop();
    this.#setLink('paused');
  }

  /** Follows a channel; gives back how to stop. Equal wishes share one subscription. */
  subscribe(channel: string, symbol: string, params: Record<string, string>, listener: Listener): () => void {
    const key = JSON.stringify([channel, symbol, Object.entries(params).sort()]);
    let subscription = this.#subscriptions.get(key);
    if (subscription === undefined) {
      this.#lastId += 1;
      subscription = {
        id: this.#lastId,
        channel,
        symbol,
        params,
        listeners: new Set(),
        topic: null,
        epoch: null,
        seq: null,
        data: undefined,
      };
      this.#subscriptions.set(key, subscription);
      if (this.#ready) this.#ask(subscription);
    } else if (subscription.data !== undefined) {
      listener.data?.(subscription.data);
    }
    const held = subscription;
    held.listeners.add(listener);
    return () => {
      if (!held.listeners.delete(listener) || held.listeners.size > 0) return;
      this.#subscriptions.delete(key);
      if (this.#ready) this.#send({ op: 'unsubscribe', id: held.id });
    };
  }

  /** Starts, changes or ends the replay of this page alone. */
  replay(wish: ReplayWish): void {
    if (wish.end === true) {
      this.#replay = null;
    } else if (wish.from !== undefined) {
      this.#replay = { from: wish.from, speed: wish.speed ?? 60, playing: wish.playing ?? true };
    } else if (this.#replay !== null) {
      if (wish.speed !== undefined) this.#replay.speed = wish.speed;
      if (wish.playing !== undefined) this.#replay.playing = wish.playing;
      if (wish.seek !== undefined) this.#replay.from = wish.seek;
    }
    if (wish.seek !== undefined || wish.from !== undefined) this.#now = null;
    if (this.#ready) this.#send({ op: 'replay', ...wish });
  }

  #connect(): void {
    this.#retry = null;
    if (this.#link === 'paused') this.#setLink('connecting');
    this.#grace ??= this.#machine.later(() => this.#setLink('offline'), OFFLINE_AFTER_MS);
    const wire = this.#machine.open();
    this.#wire = wire;
    wire.onmessage = (event) => {
      if (this.#wire !== wire || typeof event.data !== 'string') return;
      this.#listenForSilence();
      this.#receive(event.data);
    };
    wire.onclose = () => {
      if (this.#wire === wire) this.#lose();
    };
    this.#listenForSilence();
  }

  #lose(): void {
    this.#drop();
    if (this.#link === 'open') this.#setLink('lost');
    this.#grace ??= this.#machine.later(() => this.#setLink('offline'), OFFLINE_AFTER_MS);
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    const jitter = 0.75 + this.#machine.random() * 0.5;
    this.#retry = this.#machine.later(() => this.#connect(), pause * jitter);
  }

  #drop(): void {
    this.#machine.cancel(this.#silence);
    this.#silence = null;
    const wire = this.#wire;
    this.#wire = null;
    this.#ready = false;
    if (wire === null) return;
    wire.onmessage = wire.onclose = wire.onopen = null;
    wire.close();
  }

  #clear(): void {
    this.#machine.cancel(this.#retry);
    this.#machine.cancel(this.#grace);
    this.#retry = this.#grace = null;
  }

  #listenForSilence(): void {
    this.#machine.cancel(this.#silence);
    this.#silence = this.#machine.later(() => this.#lose(), SILENT_AFTER_MS);
  }

  #setLink(link: Link): void {
    if (this.#link === link) return;
    this.#link = link;
    for (const watcher of this.#watchers) watcher.link?.(link);
  }

  #send(message: object): void {
    this.#wire?.send(JSON.stringify(message));
  }

  #ask(subscription: Subscription): void {
    const { id, channel, symbol, params, epoch, seq } = subscription;
    const resume = epoch !== null && seq !== null ? { resume: { epoch, seq } } : {};
    this.#send({ op: 'subscribe', id, channel, symbol, params, ...resume });
  }

  /** Asks for the whole document again, because what came does not fit what is held. */
  #askAnew(subscription: Subscription): void {
    this.#send({ op: 'unsubscribe', id: subscription.id });
    this.#lastId += 1;
    Object.assign(subscription, { id: this.#lastId, topic: null, epoch: null, seq: null, data: undefined });
    this.#ask(subscription);
  }

  #receive(text: string): void {
    let message: Record<string, Json | undefined>;
    try {
      const parsed: unknown = JSON.parse(text);
      if (parsed === null || typeof parsed !== 'object') return;
      message = parsed as Record<string, Json | undefined>;
    } catch {
      return;
    }
    switch (message['op']) {
      case 'hello':
        return this.#hello(message);
      case 'heartbeat':
      case 'clock':
        return this.#clock(message);
      case 'subscribed':
        return this.#subscribed(message);
      case 'snapshot':
      case 'delta':
      case 'events':
        return this.#update(message);
      case 'error':
        return this.#failed(message);
    }
  }

  #hello(message: Record<string, Json | undefined>): void {
    this.#machine.cancel(this.#grace);
    this.#grace = null;
    this.#failures = 0;
    this.#ready = true;
    this.#setLink('open');
    const version = [message['version'], message['build']].filter((part) => typeof part === 'string').join(' ');
    for (const watcher of this.#watchers) watcher.version?.(version);
    if (this.#replay === null) {
      this.#clock(message);
    } else {
      // The replay was this connection's own: it goes on from where it was seen last.
      const { from, speed, playing } = this.#replay;
      this.#send({ op: 'replay', from: this.#now ?? from, speed });
      if (!playing) this.#send({ op: 'replay', playing: false });
    }
    for (const subscription of this.#subscriptions.values()) this.#ask(subscription);
  }

  #clock(message: Record<string, Json | undefined>): void {
    const clock = message['clock'];
    if (!isClock(clock)) return;
    this.#now = clock.now;
    const marks: Record<string, string> = {};
    const watermarks = message['watermarks'];
    if (watermarks !== null && typeof watermarks === 'object' && !Array.isArray(watermarks)) {
      for (const [symbol, mark] of Object.entries(watermarks)) if (typeof mark === 'string') marks[symbol] = mark;
    }
    for (const watcher of this.#watchers) watcher.clock?.(clock, marks);
  }

  #subscribed(message: Record<string, Json | undefined>): void {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.id !== message['id']) continue;
      subscription.topic = typeof message['topic'] === 'string' ? message['topic'] : null;
      const epoch = typeof message['epoch'] === 'string' ? message['epoch'] : null;
      // What was counted in another epoch means nothing in this one.
      if (epoch !== subscription.epoch) subscription.seq = null;
      subscription.epoch = epoch;
    }
  }

  #update(message: Record<string, Json | undefined>): void {
    const { op, topic, seq } = message;
    if (typeof seq !== 'number') return;
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.topic === null || subscription.topic !== topic) continue;
      if (op === 'snapshot') this.#snapshot(subscription, seq, message);
      else if (op === 'delta') this.#delta(subscription, seq, message['patch']);
      else this.#events(subscription, seq, message['data']);
    }
  }

  #snapshot(subscription: Subscription, seq: number, message: Record<string, Json | undefined>): void {
    subscription.seq = seq;
    if (isProblem(message['problem'])) {
      subscription.data = undefined;
      for (const listener of subscription.listeners) listener.problem?.(message['problem']);
    } else if (message['data'] !== undefined) {
      this.#publish(subscription, message['data']);
    }
  }

  #delta(subscription: Subscription, seq: number, patch: unknown): void {
    if (subscription.seq === seq) return;
    if (subscription.data === undefined || subscription.seq === null || seq !== subscription.seq + 1) {
      return this.#askAnew(subscription);
    }
    try {
      const data = applyPatch(subscription.data, patch);
      subscription.seq = seq;
      this.#publish(subscription, data);
    } catch {
      this.#askAnew(subscription);
    }
  }

  #events(subscription: Subscription, seq: number, data: Json | undefined): void {
    if (!Array.isArray(data) || (subscription.seq !== null && seq <= subscription.seq)) return;
    // `seq` is that of the last row; what was seen before a reconnect is not shown twice.
    const fresh = subscription.seq === null ? data : data.slice(Math.max(0, data.length - (seq - subscription.seq)));
    subscription.seq = seq;
    for (const listener of subscription.listeners) listener.events?.(fresh);
  }

  #failed(message: Record<string, Json | undefined>): void {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.id !== message['id'] || !isProblem(message['problem'])) continue;
      for (const listener of subscription.listeners) listener.problem?.(message['problem']);
    }
  }

  #publish(subscription: Subscription, data: Json): void {
    subscription.data = data;
    for (const listener of subscription.listeners) listener.data?.(data);
  }
}

function isClock(value: unknown): value is Clock {
  if (value === null || typeof value !== 'object') return false;
  const clock = value as Record<string, unknown>;
  return typeof clock['mode'] === 'string' && typeof clock['now'] === 'string';
}

export function isProblem(value: unknown): value is Problem {
  if (value === null || typeof value !== 'object') return false;
  const problem = value as Record<string, unknown>;
  return typeof problem['title'] === 'string' && typeof problem['status'] === 'number';
}

/** The browser's own means. */
export function browserMachine(): Machine {
  return {
    open: () => {
      const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
      return new WebSocket(`${scheme}//${location.host}/v1/ws`) as unknown as Wire;
    },
    later: (run, ms) => setTimeout(run, ms),
    cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout> | undefined),
    random: () => Math.random(),
  };
}
