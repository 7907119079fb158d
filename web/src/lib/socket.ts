// The live connection: one WebSocket for the whole page. It subscribes, puts documents together from snapshots
// and patches, notices when the server is gone, comes back with growing pauses, and resumes where it was.

import type { Clock } from './documents';
import { isClock, isProblem } from './guards';
import type { Machine, Wire } from './machine';
import { Topic, type Listener, type Message } from './topic';

export type Link =
  /** Not open yet, for the first time. */
  | 'connecting'
  | 'open'
  /** Gone for less than three seconds: nothing to tell the reader yet. */
  | 'lost'
  | 'offline'
  /** Closed on purpose while nobody looks. */
  | 'paused';

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

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const OFFLINE_AFTER_MS = 3_000;
/** Three heartbeats without a word: the peer is dead though the connection stands. */
const SILENT_AFTER_MS = 15_000;

export class Socket {
  #machine: Machine;
  #watchers = new Set<Watcher>();
  #topics = new Map<string, Topic>();
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
    let topic = this.#topics.get(key);
    if (topic === undefined) {
      topic = new Topic(this.#nextId(), channel, symbol, params);
      this.#topics.set(key, topic);
      if (this.#ready) this.#send(topic.wish);
    }
    const held = topic;
    held.listen(listener);
    return () => {
      if (!held.listeners.delete(listener) || held.listeners.size > 0) return;
      this.#topics.delete(key);
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

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #receive(text: string): void {
    let message: Message;
    try {
      const parsed: unknown = JSON.parse(text);
      if (parsed === null || typeof parsed !== 'object') return;
      message = parsed as Message;
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
        return this.#byId(message['id'])?.subscribed(message);
      case 'snapshot':
      case 'delta':
      case 'events':
        return this.#update(message);
      case 'error':
        return this.#failed(message);
    }
  }

  #hello(message: Message): void {
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
    for (const topic of this.#topics.values()) this.#send(topic.wish);
  }

  #clock(message: Message): void {
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

  #update(message: Message): void {
    for (const topic of this.#topics.values()) {
      if (topic.take(message)) continue;
      // What came does not fit what is held: the whole document is asked for again.
      this.#send({ op: 'unsubscribe', id: topic.id });
      topic.forget(this.#nextId());
      this.#send(topic.wish);
    }
  }

  #byId(id: unknown): Topic | undefined {
    for (const topic of this.#topics.values()) if (topic.id === id) return topic;
    return undefined;
  }

  #failed(message: Message): void {
    if (isProblem(message['problem'])) this.#byId(message['id'])?.fail(message['problem']);
  }
}
