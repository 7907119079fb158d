// Requests for documents. A small cache keeps what was answered with its ETag: moving back to a moment shows at
// once what was there, while the server is asked whether it still holds.

import type { Problem } from './documents';
import { isProblem } from './guards';

export type Answer = { ok: true; data: unknown } | { ok: false; problem: Problem };

interface Kept {
  /** When it was answered (milliseconds of this machine). */
  at: number;
  tag: string;
  data: unknown;
  size: number;
}

const MOST_ENTRIES = 32;
const MOST_CHARS = 12_000_000;
/** Two parts of the page that want the same are not two questions. */
const FRESH_MS = 1_000;

/** Documents by address, the least recently used first. */
export class TagCache {
  #kept = new Map<string, Kept>();
  #chars = 0;

  get(url: string): Kept | undefined {
    const kept = this.#kept.get(url);
    if (kept !== undefined) {
      this.#kept.delete(url);
      this.#kept.set(url, kept);
    }
    return kept;
  }

  put(url: string, tag: string, data: unknown, size: number): void {
    this.#drop(url);
    if (size > MOST_CHARS / 4) return;
    this.#kept.set(url, { at: Date.now(), tag, data, size });
    this.#chars += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_ENTRIES && this.#chars <= MOST_CHARS) break;
      this.#drop(oldest);
    }
  }

  get size(): number {
    return this.#kept.size;
  }

  #drop(url: string): void {
    this.#chars -= this.#kept.get(url)?.size ?? 0;
    this.#kept.delete(url);
  }
}

const cache = new TagCache();

/** The address of a document. Symbols and values are escaped here and nowhere else. */
export function address(name: string, symbol: string, params: Record<string, string | undefined>): string {
  const path = symbol === '' ? `/v1/${name}` : `/v1/${name}/${encodeURIComponent(symbol)}`;
  const query = Object.entries(params)
    .filter(isAsked)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
  return query === '' ? path : `${path}?${query}`;
}

/** Whether a parameter says anything: what is empty or left to the server is not sent. */
export function isAsked(entry: [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined && entry[1] !== '' && entry[1] !== 'auto';
}

/** What was answered before, if it is still kept. */
export function remembered(url: string): unknown {
  return cache.get(url)?.data;
}

interface Flight {
  answer: Promise<Answer>;
  users: number;
  controller: AbortController;
}

const flights = new Map<string, Flight>();

/**
 * Asks for a document; rejects only if the asker gave up. Askers of the same address share one request, which ends
 * with the last of them.
 */
export function request(url: string, signal: AbortSignal): Promise<Answer> {
  const kept = cache.get(url);
  if (kept !== undefined && Date.now() - kept.at < FRESH_MS) return Promise.resolve({ ok: true, data: kept.data });
  let flight = flights.get(url);
  if (flight === undefined) {
    const controller = new AbortController();
    // It has landed before anybody hears of it: who asks again then, asks the server.
    const answer = send(url, controller.signal).finally(() => land(url, controller));
    flight = { answer, users: 0, controller };
    flights.set(url, flight);
  }
  const shared = flight;
  shared.users += 1;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new DOMException('The asker gave up.', 'AbortError'));
      shared.users -= 1;
      if (shared.users > 0) return;
      land(url, shared.controller);
      shared.controller.abort();
    });
    shared.answer.then(resolve, reject);
  });
}

function land(url: string, controller: AbortController): void {
  if (flights.get(url)?.controller === controller) flights.delete(url);
}

async function send(url: string, signal: AbortSignal): Promise<Answer> {
  const kept = cache.get(url);
  try {
    const response = await fetch(url, {
      signal,
      cache: 'no-store',
      headers: { accept: 'application/json', ...(kept === undefined ? {} : { 'if-none-match': kept.tag }) },
    });
    if (response.status === 304 && kept !== undefined) {
      kept.at = Date.now();
      return { ok: true, data: kept.data };
    }
    const text = await response.text();
    const data: unknown = text === '' ? null : JSON.parse(text);
    if (!response.ok) return { ok: false, problem: asProblem(data, response.status) };
    const tag = response.headers.get('etag');
    if (tag !== null) cache.put(url, tag, data, text.length);
    return { ok: true, data };
  } catch (error) {
    if (signal.aborted) throw error;
    const broken = error instanceof SyntaxError;
    return { ok: false, problem: broken ? problemOf('unreadable', 'The answer could not be read.') : UNREACHABLE };
  }
}

const UNREACHABLE: Problem = problemOf('unreachable', 'The server does not answer.');

export function problemOf(code: string, detail: string, hint: string | null = null, status = 0): Problem {
  return { title: detail, status, code, detail, hint };
}

function asProblem(data: unknown, status: number): Problem {
  if (isProblem(data)) return { ...data, code: typeof data.code === 'string' ? data.code : String(status) };
  return problemOf(String(status), `The server answered with status ${status}.`, null, status);
}
