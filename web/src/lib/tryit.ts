/** One request of the explorer and what came back, cut to what a page can show. */

import { problemOf } from './rest';

export interface Reply {
  readonly status: number;
  readonly ok: boolean;
  readonly type: string;
  /** Headers a caller would look at. */
  readonly headers: readonly (readonly [string, string])[];
  readonly bytes: number;
  readonly body:
    | { readonly kind: 'text'; readonly text: string; readonly cut: boolean }
    | { readonly kind: 'image'; readonly url: string }
    | { readonly kind: 'binary'; readonly url: string };
}

const HEADERS = ['content-type', 'etag', 'cache-control', 'retry-after', 'deprecation', 'sunset', 'x-trace-id', 'link', 'vary', 'content-encoding'];
/** Characters of an answer that are shown. */
export const MOST_SHOWN = 40_000;
/** Larger answers are not taken apart to be indented. */
const MOST_INDENTED = 4_000_000;

/** Sends the request. The caller revokes the address of an image or file when it is no longer shown. */
export async function tryIt(path: string, accept: string, signal: AbortSignal): Promise<Reply> {
  const answer = await fetch(path, { signal, cache: 'no-store', headers: accept === '' ? {} : { accept } });
  const blob = await answer.blob();
  const type = answer.headers.get('content-type') ?? '';
  const headers = HEADERS.flatMap((name): [string, string][] => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const base = { status: answer.status, ok: answer.ok, type, headers, bytes: blob.size };
  if (/^image\//.test(type)) return { ...base, body: { kind: 'image', url: URL.createObjectURL(blob) } };
  if (!isText(type)) return { ...base, body: { kind: 'binary', url: URL.createObjectURL(blob) } };
  return { ...base, body: { kind: 'text', ...shown(await blob.text(), type) } };
}

function isText(type: string): boolean {
  return /^text\/|json|xml|yaml/.test(type) || type === '';
}

/** The text as it is shown: JSON indented, long text cut at the end of a line where there is one. */
export function shown(text: string, type: string): { readonly text: string; readonly cut: boolean } {
  const whole = /json/.test(type) && text.length <= MOST_INDENTED ? indented(text) : text;
  if (whole.length <= MOST_SHOWN) return { text: whole, cut: false };
  const end = whole.lastIndexOf('\n', MOST_SHOWN);
  return { text: whole.slice(0, end > MOST_SHOWN / 2 ? end : MOST_SHOWN), cut: true };
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : [bytes / 1e6, 'MB'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** What is said where no answer came. */
export const UNREACHED = problemOf('unreachable', 'The server does not answer.');
