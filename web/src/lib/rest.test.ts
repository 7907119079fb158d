import { afterEach, describe, expect, it, vi } from 'vitest';

import { address, remembered, request, TagCache } from './rest';

const answer = (status: number, body: string, etag?: string) =>
  new Response(status === 304 ? null : body, { status, headers: etag === undefined ? {} : { etag } });

/** Stands in for the network: gives the answers in turn, and keeps what was asked. */
function network(...answers: (Response | Error)[]) {
  const asked: { url: string; tag: string | null; signal: AbortSignal | null }[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push({ url, tag: new Headers(init.headers).get('if-none-match'), signal: init.signal ?? null });
    const next = answers.shift();
    return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new TypeError('no answer left'));
  });
  return asked;
}

const never = () => new AbortController().signal;

describe('requests', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('escape symbols and values, and leave out what is empty', () => {
    expect(address('map', 'BTC/USDT:USDT', { within: '5%', bin: '', step: 'auto', as_of: undefined })).toBe('/v1/map/BTC%2FUSDT%3AUSDT?within=5%25');
    expect(address('map', '../x?y#<script>', {})).toBe('/v1/map/..%2Fx%3Fy%23%3Cscript%3E');
    expect(address('overview', '', { as_of: '2026-03-18T12:00:00Z' })).toBe('/v1/overview?as_of=2026-03-18T12%3A00%3A00Z');
  });

  it('keep an answer with its tag, and use it when nothing changed', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const asked = network(answer(200, '{"a":1}', '"t1"'), answer(304, ''), answer(200, '{"a":2}', '"t2"'));
    const answers = [];
    for (let turn = 0; turn < 3; turn += 1) {
      answers.push(await request('/v1/x', never()), await request('/v1/x', never()));
      // What was answered just now is not asked again.
      vi.setSystemTime(Date.now() + 2_000);
    }
    const [one, two] = [{ ok: true, data: { a: 1 } }, { ok: true, data: { a: 2 } }];
    expect(answers).toEqual([one, one, one, one, two, two]);
    expect(asked.map((one) => one.tag)).toEqual([null, '"t1"', '"t1"']);
    expect(remembered('/v1/x')).toEqual({ a: 2 });
  });

  it('tell problems as the server tells them, and say what went wrong otherwise', async () => {
    const problem = { title: 'T', status: 409, code: 'withheld', detail: 'D' };
    network(answer(409, JSON.stringify(problem)), answer(502, '<html>'), answer(500, '{}'), new TypeError('refused'));
    expect(await request('/v1/a', never())).toMatchObject({ ok: false, problem });
    expect(await request('/v1/a', never())).toMatchObject({ ok: false, problem: { code: 'unreadable' } });
    expect(await request('/v1/a', never())).toMatchObject({ ok: false, problem: { code: '500', status: 500 } });
    expect(await request('/v1/a', never())).toMatchObject({ ok: false, problem: { code: 'unreachable' } });
  });

  it('share one request, which ends when the last asker gives up', async () => {
    const asked = network(answer(200, '1'));
    const [one, two] = [new AbortController(), new AbortController()];
    const first = request('/v1/shared', one.signal);
    const second = request('/v1/shared', two.signal);
    one.abort();
    await expect(first).rejects.toThrow('gave up');
    expect(await second).toEqual({ ok: true, data: 1 });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.signal?.aborted).toBe(false);

    const alone = network(new Promise(() => undefined) as never);
    const three = new AbortController();
    const third = request('/v1/alone', three.signal);
    three.abort();
    await expect(third).rejects.toThrow('gave up');
    expect(alone[0]?.signal?.aborted).toBe(true);
  });
});

describe('the cache', () => {
  it('stays small, and forgets what was used longest ago', () => {
    const cache = new TagCache();
    for (let at = 0; at < 40; at += 1) {
      cache.put(`/${at}`, 't', at, 10);
      cache.get('/0');
    }
    expect(cache.size).toBe(32);
    expect([cache.get('/0')?.data, cache.get('/1'), cache.get('/39')?.data]).toEqual([0, undefined, 39]);
  });

  it('holds no document that would fill it, and not too many characters', () => {
    const cache = new TagCache();
    cache.put('/huge', 't', 1, 4_000_000);
    expect(cache.get('/huge')).toBeUndefined();
    for (let at = 0; at < 10; at += 1) cache.put(`/${at}`, 't', at, 2_500_000);
    expect(cache.size).toBe(4);
    cache.put('/9', 't2', 9, 1);
    expect([cache.size, cache.get('/9')?.tag]).toEqual([4, 't2']);
  });
});
