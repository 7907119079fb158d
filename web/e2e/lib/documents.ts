// Documents as any program gets them: asked for again, outside of the page.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Problem {
  status: number;
  code: string;
  detail: string;
}

/** The address of the server under test. */
export function base(): string {
  const url = process.env['LIQLENS_URL'];
  if (url === undefined) throw new Error('there is no server: LIQLENS_URL is not set');
  return url;
}

/** What the server answers at an address; throws if it is not a document. */
export async function ask(path: string): Promise<Json> {
  const answer = await fetch(new URL(path, base()), { headers: { accept: 'application/json' } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as Json;
}

/** The value at a path such as `rows[0].within.1.long_usd`; `undefined` if there is none. */
export function at(document: Json, path: string): Json | undefined {
  let value: Json | undefined = document;
  for (const step of path.replaceAll('[', '.').replaceAll(']', '').split('.')) {
    if (step === '') continue;
    if (value === null || typeof value !== 'object') return undefined;
    value = Array.isArray(value) ? value[Number(step)] : value[step];
  }
  return value;
}

/** A value at a path that must be there, as text or number. */
export function field(document: Json, path: string): string {
  const value = at(document, path);
  if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`the document has no figure at ${path}`);
  return String(value);
}

/** A list at a path that must be there. */
export function list(document: Json, path: string): Json[] {
  const value = at(document, path);
  if (!Array.isArray(value)) throw new Error(`the document has no list at ${path}: ${JSON.stringify(document).slice(0, 200)}`);
  return value;
}
