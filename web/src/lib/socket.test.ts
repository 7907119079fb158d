import { describe, expect, it } from 'vitest';

import type { Clock } from './documents';
import type { Machine, Wire } from './machine';
import type { Json } from './patch';
import { Socket, type Link } from './socket';

/** A machine whose time is moved by hand, and whose network is a list of wires. */
class Bench implements Machine {
  now = 0;
  wires: (Wire & { sent: Record<string, unknown>[]; closed: boolean })[] = [];
  #timers: { at: number; run: () => void }[] = [];

  open = (): Wire => {
    const wire = {
      onopen: null,
      onmessage: null,
      onclose: null,
      sent: [] as Record<string, unknown>[],
      closed: false,
      send: (text: string) => void wire.sent.push(JSON.parse(text) as Record<string, unknown>),
      close: () => void (wire.closed = true),
    };
    this.wires.push(wire);
    return wire;
  };
  later = (run: () => void, ms: number) => {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return timer;
  };
  cancel = (timer: unknown) => void (this.#timers = this.#timers.filter((other) => other !== timer));
  random = () => 0.5;

  wait(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.cancel(next);
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  get wire() {
    const last = this.wires.at(-1);
    if (last === undefined) throw new Error('nothing was opened');
    return last;
  }

  say(...messages: object[]): void {
    for (const message of messages) this.wire.onmessage?.({ data: JSON.stringify(message) });
  }

  cut(): void {
    this.wire.onclose?.({ code: 1006 });
  }
}

const CLOCK: Clock = { mode: 'live', now: '2026-03-18T12:00:00Z', speed: null, playing: true, from: null, to: null };
const HELLO = { op: 'hello', version: '1', build: 'a', clock: CLOCK };

function opened() {
  const bench = new Bench();
  const socket = new Socket(bench);
  const links: Link[] = [];
  const versions: string[] = [];
  const clocks: Clock[] = [];
  socket.watch({ link: (l) => links.push(l), version: (v) => versions.push(v), clock: (c) => clocks.push(c) });
  socket.start();
  return { bench, socket, links, versions, clocks };
}

function followed() {
  const all = opened();
  const got: Json[] = [];
  const problems: string[] = [];
  const stop = all.socket.subscribe('map', 'BTC', { within: '5%' }, {
    data: (data) => got.push(data),
    problem: (problem) => problems.push(problem.code),
  });
  all.bench.say(HELLO, { op: 'subscribed', id: 1, topic: 'map:BTC', epoch: 'e1' });
  return { ...all, got, problems, stop };
}

describe('socket', () => {
  it('subscribes after hello, shares equal wishes, and unsubscribes with the last listener', () => {
    const { bench, socket, stop, got } = followed();
    const wish = { op: 'subscribe', id: 1, channel: 'map', symbol: 'BTC', params: { within: '5%' } };
    expect(bench.wire.sent).toEqual([wish]);
    bench.say({ op: 'snapshot', topic: 'map:BTC', seq: 7, data: { a: 1 } });
    const late: Json[] = [];
    const stopLate = socket.subscribe('map', 'BTC', { within: '5%' }, { data: (data) => late.push(data) });
    expect([got, late]).toEqual([[{ a: 1 }], [{ a: 1 }]]);
    stop();
    expect(bench.wire.sent).toHaveLength(1);
    stopLate();
    expect(bench.wire.sent.at(-1)).toEqual({ op: 'unsubscribe', id: 1 });
  });

  it('puts the document together from patches in their order', () => {
    const { bench, got } = followed();
    bench.say(
      { op: 'snapshot', topic: 'map:BTC', seq: 7, data: { a: 1 } },
      { op: 'delta', topic: 'map:BTC', seq: 8, patch: [{ op: 'replace', path: '/a', value: 2 }] },
      { op: 'delta', topic: 'map:BTC', seq: 8, patch: [{ op: 'replace', path: '/a', value: 9 }] },
      { op: 'delta', topic: 'another', seq: 9, patch: [{ op: 'replace', path: '/a', value: 9 }] },
    );
    expect(got).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('asks for the whole document if a number is missing or a patch does not fit', () => {
    for (const delta of [
      { seq: 9, patch: [{ op: 'replace', path: '/a', value: 2 }] },
      { seq: 8, patch: [{ op: 'replace', path: '/none', value: 2 }] },
    ]) {
      const { bench, got } = followed();
      bench.say({ op: 'snapshot', topic: 'map:BTC', seq: 7, data: { a: 1 } }, { op: 'delta', topic: 'map:BTC', ...delta });
      expect(bench.wire.sent.slice(1)).toMatchObject([{ op: 'unsubscribe', id: 1 }, { op: 'subscribe', id: 2, channel: 'map' }]);
      expect(bench.wire.sent.at(-1)).not.toHaveProperty('resume');
      expect(got).toEqual([{ a: 1 }]);
    }
  });

  it('says that the server is gone after three seconds, comes back, and resumes', () => {
    const { bench, links, got } = followed();
    bench.say({ op: 'snapshot', topic: 'map:BTC', seq: 7, data: { a: 1 } });
    bench.cut();
    expect(links.at(-1)).toBe('lost');
    bench.wait(2_900);
    expect(links.at(-1)).toBe('lost');
    bench.wait(200);
    expect(links.at(-1)).toBe('offline');
    expect(bench.wires).toHaveLength(2);
    bench.say(HELLO);
    expect(links.at(-1)).toBe('open');
    expect(bench.wire.sent).toMatchObject([{ op: 'subscribe', resume: { epoch: 'e1', seq: 7 } }]);
    bench.say(
      { op: 'subscribed', id: 1, topic: 'map:BTC', epoch: 'e1' },
      { op: 'delta', topic: 'map:BTC', seq: 8, patch: [{ op: 'replace', path: '/a', value: 2 }] },
    );
    expect(got.at(-1)).toEqual({ a: 2 });
  });

  it('waits longer each time, up to ten seconds, and is quick again after a success', () => {
    const { bench } = opened();
    const pauses: number[] = [];
    for (let at = 0; at < 8; at += 1) {
      const before = bench.now;
      const count = bench.wires.length;
      bench.cut();
      while (bench.wires.length === count) bench.wait(10);
      pauses.push(bench.now - before);
    }
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    bench.say(HELLO);
    const count = bench.wires.length;
    bench.cut();
    bench.wait(250);
    expect(bench.wires).toHaveLength(count + 1);
  });

  it('takes a connection that says nothing for dead', () => {
    const { bench, links } = followed();
    bench.wait(14_000);
    bench.say({ op: 'heartbeat', clock: CLOCK, watermarks: {} });
    bench.wait(14_000);
    expect(links.at(-1)).toBe('open');
    bench.wait(1_100);
    expect(links.at(-1)).toBe('lost');
    expect(bench.wires[0]?.closed).toBe(true);
  });

  it('shows no row twice after a reconnect', () => {
    const { bench, socket } = opened();
    const rows: Json[] = [];
    socket.subscribe('tape', 'BTC', {}, { events: (fresh) => rows.push(...fresh) });
    bench.say(HELLO, { op: 'subscribed', id: 1, topic: 't', epoch: 'e' }, { op: 'events', topic: 't', seq: 2, data: ['a', 'b'] });
    bench.cut();
    bench.wait(300);
    bench.say(HELLO, { op: 'subscribed', id: 1, topic: 't', epoch: 'e' });
    bench.say({ op: 'events', topic: 't', seq: 2, data: ['a', 'b'] }, { op: 'events', topic: 't', seq: 4, data: ['b', 'c', 'd'] });
    expect(rows).toEqual(['a', 'b', 'c', 'd']);
  });

  it('starts its replay again where it was seen last', () => {
    const { bench, socket } = opened();
    socket.replay({ from: '2026-03-18T00:00:00Z', speed: 100 });
    bench.say(HELLO);
    expect(bench.wire.sent).toEqual([{ op: 'replay', from: '2026-03-18T00:00:00Z', speed: 100 }]);
    bench.say({ op: 'clock', clock: { ...CLOCK, mode: 'replay', now: '2026-03-18T03:00:00Z' } });
    socket.replay({ playing: false });
    bench.cut();
    bench.wait(300);
    bench.say(HELLO);
    expect(bench.wire.sent).toEqual([
      { op: 'replay', from: '2026-03-18T03:00:00Z', speed: 100 },
      { op: 'replay', playing: false },
    ]);
    socket.replay({ end: true });
    expect(bench.wire.sent.at(-1)).toEqual({ op: 'replay', end: true });
  });

  it('tells problems and versions, and survives nonsense', () => {
    const { bench, problems, versions, got } = followed();
    bench.say({ op: 'snapshot', topic: 'map:BTC', seq: 1, problem: { title: 'x', status: 409, code: 'withheld', detail: '' } });
    bench.say({ op: 'error', id: 1, problem: { title: 'x', status: 422, code: 'usage', detail: '' } });
    for (const text of ['', '[]', 'null', '{"op":"delta"}', '{"op":"snapshot","topic":"map:BTC"}', '{"op":"clock","clock":1}']) {
      bench.wire.onmessage?.({ data: text });
    }
    bench.wire.onmessage?.({ data: new ArrayBuffer(2) });
    bench.say({ ...HELLO, build: 'b' });
    expect([problems, versions, got]).toEqual([['withheld', 'usage'], ['1 a', '1 b'], []]);
  });

  it('rests while nobody looks, and goes on from there', () => {
    const { bench, socket, links } = followed();
    bench.say({ op: 'snapshot', topic: 'map:BTC', seq: 7, data: 1 });
    socket.pause();
    bench.wait(60_000);
    expect([links.at(-1), bench.wires.length]).toEqual(['paused', 1]);
    socket.start();
    bench.say(HELLO);
    expect(bench.wire.sent).toMatchObject([{ resume: { epoch: 'e1', seq: 7 } }]);
  });
});
