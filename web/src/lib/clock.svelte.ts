// Where the page stands in time: at the newest the server knows, at a moment that was asked for, or in a replay.

import type { Clock } from './documents';
import { isClock } from './guards';
import { address, request } from './rest';
import { route } from './route.svelte';
import { browserMachine } from './machine';
import { Socket, type Link } from './socket';
import { fromMs, shifted, toMs } from './time';

export const socket = new Socket(browserMachine());

/** How the page's time moves. `unknown` until the server has said what it is. */
export type Mode = 'unknown' | 'recorded' | 'as-of' | 'replay' | 'live';

class PageClock {
  /** The clock as the server (or this page's own replay) told it last. */
  server = $state.raw<Clock | null>(null);
  /** Newest complete time by symbol, of the last heartbeat. */
  watermarks = $state.raw<Record<string, string>>({});
  link = $state<Link>('connecting');
  /** Version of the server this page was opened with, and whether it has changed since. */
  version = $state('');
  outdated = $state(false);
  /** The server answers requests though no connection stands: something between refuses sockets. */
  byRequest = $state(false);
  /** When the server was last heard before it was lost (milliseconds of this machine), for the banner. */
  lostAt = $state<number | null>(null);

  /** How often the server came back: what was asked while it was away is asked again. */
  sessions = $state(0);

  /** The moment asked for, or empty. */
  readonly asOf = $derived(route.param('as_of'));
  /** Where this page's replay starts, or empty. */
  readonly replayFrom = $derived(route.param('as_of') === '' ? route.param('replay') : '');
  readonly speed = $derived(Number(route.param('speed')));

  readonly mode: Mode = $derived.by(() => {
    if (this.asOf !== '') return 'as-of';
    if (this.replayFrom !== '') return 'replay';
    return this.server?.mode ?? 'unknown';
  });
  /** Whether documents come through the socket as they change. */
  readonly flows = $derived((this.mode === 'live' || this.mode === 'replay') && !this.byRequest);
  readonly playing = $derived(this.mode === 'live' || (this.mode === 'replay' && (this.server?.playing ?? false)));
  /** The moment the page shows, `null` until it is known. */
  readonly now: string | null = $derived.by(() => {
    if (this.asOf !== '') return this.asOf;
    if (this.mode === 'replay' && this.server?.mode !== 'replay') return this.replayFrom;
    return this.server?.now ?? null;
  });

  /** Stands still at a moment. */
  goTo(time: string): void {
    route.set({ as_of: time, replay: null });
  }

  /** Back to the newest. */
  goLive(): void {
    route.set({ as_of: null, replay: null });
  }

  step(seconds: number): void {
    if (this.now === null) return;
    const time = this.#inside(shifted(this.now, seconds));
    if (this.replayFrom !== '') this.seek(time);
    else this.goTo(time);
  }

  /** Plays from a moment on, for this page alone. */
  play(from: string | null = this.now): void {
    if (from === null) return;
    route.set({ as_of: null, replay: from });
  }

  setPlaying(playing: boolean): void {
    socket.replay({ playing });
    if (this.server !== null) this.server = { ...this.server, playing };
  }

  setSpeed(speed: string): void {
    route.set({ speed });
    if (this.replayFrom !== '') socket.replay({ speed: Number(speed) });
  }

  seek(time: string): void {
    socket.replay({ seek: time });
    if (this.server !== null) this.server = { ...this.server, now: time };
  }

  /** Space: holds a moving page, lets a held one go on. What the server plays for all is held by looking at a moment. */
  toggle(): void {
    if (this.replayFrom !== '') this.setPlaying(!this.playing);
    else if (this.mode === 'as-of') this.goLive();
    else if (this.now !== null) this.goTo(this.now);
  }

  /** Follows the server; to be called once, where effects may be made. */
  start(): () => void {
    const unwatch = socket.watch({
      link: (link) => {
        if (link === 'open') {
          if (this.link === 'lost' || this.link === 'offline') this.sessions += 1;
          this.lostAt = null;
          this.byRequest = false;
        } else {
          this.lostAt ??= Date.now();
        }
        if (link === 'offline') void this.#askByRequest();
        this.link = link;
      },
      clock: (clock, marks) => {
        this.server = clock;
        if (Object.keys(marks).length > 0) this.watermarks = marks;
      },
      version: (version) => {
        if (this.version === '') this.version = version;
        else if (this.version !== version) this.outdated = true;
      },
    });
    let hiding: ReturnType<typeof setTimeout> | undefined;
    const visible = () => {
      clearTimeout(hiding);
      if (document.visibilityState === 'hidden') hiding = setTimeout(() => socket.pause(), HIDDEN_FOR_MS);
      else socket.start();
    };
    document.addEventListener('visibilitychange', visible);
    socket.start();
    let played = '';
    $effect(() => {
      const from = this.replayFrom;
      if (from === played) return;
      played = from;
      if (from === '') socket.replay({ end: true });
      else socket.replay({ from, speed: this.speed });
    });
    return () => {
      unwatch();
      clearTimeout(hiding);
      document.removeEventListener('visibilitychange', visible);
      socket.pause();
    };
  }

  /** Whether the server is there after all, and its clock. Asked again while the connection is away. */
  async #askByRequest(): Promise<void> {
    const answer = await request(address('health', '', {}), new AbortController().signal);
    if (this.link !== 'offline') return;
    const told = answer.ok ? (answer.data as { clock?: unknown } | null)?.clock : undefined;
    this.byRequest = isClock(told);
    if (isClock(told)) this.server = told;
    setTimeout(() => {
      if (this.link === 'offline') void this.#askByRequest();
    }, ASK_AGAIN_MS);
  }

  #inside(time: string): string {
    const [from, to] = [toMs(this.server?.from ?? ''), toMs(this.server?.to ?? '')];
    let ms = toMs(time);
    if (!Number.isNaN(from)) ms = Math.max(from, ms);
    if (!Number.isNaN(to)) ms = Math.min(to, ms);
    return fromMs(ms);
  }
}

const HIDDEN_FOR_MS = 10_000;
const ASK_AGAIN_MS = 5_000;

export const clock = new PageClock();
