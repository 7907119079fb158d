// JSON Patch (RFC 6902) on documents that are never changed in place: what a patch touches is copied, the rest
// is shared with the document before.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A patch that does not apply: the reader has to ask for the whole document again. */
export class PatchError extends Error {}

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: Json;
}

/** The document after a patch; throws `PatchError` and leaves the document as it was if a step fails. */
export function applyPatch(document: Json, patch: unknown): Json {
  if (!Array.isArray(patch)) throw new PatchError('the patch is not a list');
  return patch.reduce<Json>((before, step) => apply(before, checkedStep(step)), document);
}

function checkedStep(step: unknown): Operation {
  if (step === null || typeof step !== 'object') throw new PatchError('a step is not an object');
  const { op, path, from, value } = step as Record<string, unknown>;
  if (typeof op !== 'string' || typeof path !== 'string') throw new PatchError('a step lacks op or path');
  const needs = op === 'add' || op === 'replace' || op === 'test';
  if (needs && value === undefined) throw new PatchError(`${op} ${path} has no value`);
  if ((op === 'move' || op === 'copy') && typeof from !== 'string') throw new PatchError(`${op} ${path} has no from`);
  return { op, path, ...(typeof from === 'string' ? { from } : {}), ...(needs ? { value: value as Json } : {}) };
}

function apply(document: Json, { op, path, from = '', value = null }: Operation): Json {
  switch (op) {
    case 'add':
      return edit(document, parsePointer(path), 'add', value);
    case 'replace':
      return edit(document, parsePointer(path), 'replace', value);
    case 'remove':
      return edit(document, parsePointer(path), 'remove', null);
    case 'move': {
      if (path.startsWith(`${from}/`)) throw new PatchError(`${from} cannot be moved into itself`);
      const moved = get(document, parsePointer(from));
      return edit(edit(document, parsePointer(from), 'remove', null), parsePointer(path), 'add', moved);
    }
    case 'copy':
      return edit(document, parsePointer(path), 'add', get(document, parsePointer(from)));
    case 'test':
      if (!same(get(document, parsePointer(path)), value)) throw new PatchError(`the test at ${path} fails`);
      return document;
    default:
      throw new PatchError(`there is no step ${op}`);
  }
}

/** The keys of a pointer (RFC 6901). */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new PatchError(`${pointer} is not a pointer`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function get(document: Json, keys: string[]): Json {
  return keys.reduce<Json>((at, key) => child(at, key), document);
}

function child(at: Json, key: string): Json {
  if (Array.isArray(at)) return at[place(key, at.length - 1)] ?? null;
  if (at !== null && typeof at === 'object' && Object.hasOwn(at, key)) return at[key] ?? null;
  throw new PatchError(`there is nothing at ${key}`);
}

function edit(at: Json, keys: string[], how: 'add' | 'replace' | 'remove', value: Json): Json {
  const [key, ...rest] = keys;
  if (key === undefined) {
    if (how === 'remove') throw new PatchError('the whole document cannot be removed');
    return value;
  }
  if (Array.isArray(at)) {
    const copy = [...at];
    if (rest.length > 0) {
      const index = place(key, at.length - 1);
      copy[index] = edit(at[index] ?? null, rest, how, value);
    } else if (how === 'add') {
      copy.splice(key === '-' ? at.length : place(key, at.length), 0, value);
    } else if (how === 'replace') {
      copy[place(key, at.length - 1)] = value;
    } else {
      copy.splice(place(key, at.length - 1), 1);
    }
    return copy;
  }
  if (at === null || typeof at !== 'object') throw new PatchError(`there is nothing at ${key}`);
  if (key === '__proto__') throw new PatchError('no document has such a key');
  if ((how !== 'add' || rest.length > 0) && !Object.hasOwn(at, key)) throw new PatchError(`there is nothing at ${key}`);
  if (rest.length === 0 && how === 'remove') {
    const { [key]: _, ...others } = at;
    return others;
  }
  return { ...at, [key]: rest.length > 0 ? edit(at[key] ?? null, rest, how, value) : value };
}

/** An index of a list, at most `last`. */
function place(key: string, last: number): number {
  const index = /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : NaN;
  if (!(index <= last)) throw new PatchError(`there is no place ${key} in a list that ends at ${last}`);
  return index;
}

function same(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, Json>, b as Record<string, Json>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key] ?? null, right[key] ?? null))
  );
}
