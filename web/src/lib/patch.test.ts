import { describe, expect, it } from 'vitest';

import { applyPatch, PatchError, parsePointer, type Json } from './patch';

// The examples of RFC 6902, appendix A, by their numbers: document, patch, result (`null`: the patch is refused).
const EXAMPLES: [string, string, string, string | null][] = [
  ['A.1', '{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"baz":"qux","foo":"bar"}'],
  ['A.2', '{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'],
  ['A.3', '{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'],
  ['A.4', '{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'],
  ['A.5', '{"baz":"qux","foo":"bar"}', '[{"op":"replace","path":"/baz","value":"boo"}]', '{"baz":"boo","foo":"bar"}'],
  [
    'A.6',
    '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
    '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
    '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
  ],
  [
    'A.7',
    '{"foo":["all","grass","cows","eat"]}',
    '[{"op":"move","from":"/foo/1","path":"/foo/3"}]',
    '{"foo":["all","cows","eat","grass"]}',
  ],
  [
    'A.8',
    '{"baz":"qux","foo":["a",2,"c"]}',
    '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]',
    '{"baz":"qux","foo":["a",2,"c"]}',
  ],
  ['A.9', '{"baz":"qux"}', '[{"op":"test","path":"/baz","value":"bar"}]', null],
  ['A.10', '{"foo":"bar"}', '[{"op":"add","path":"/child","value":{"grandchild":{}}}]', '{"foo":"bar","child":{"grandchild":{}}}'],
  ['A.11', '{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux","xyz":123}]', '{"foo":"bar","baz":"qux"}'],
  ['A.12', '{"foo":"bar"}', '[{"op":"add","path":"/baz/bat","value":"qux"}]', null],
  ['A.14', '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'],
  ['A.15', '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":"10"}]', null],
  ['A.16', '{"foo":["bar"]}', '[{"op":"add","path":"/foo/-","value":["abc","def"]}]', '{"foo":["bar",["abc","def"]]}'],
];

const read = (text: string) => JSON.parse(text) as Json;

describe('patch', () => {
  for (const [name, document, patch, result] of EXAMPLES) {
    it(`does as RFC 6902 ${name}`, () => {
      if (result === null) expect(() => applyPatch(read(document), read(patch))).toThrow(PatchError);
      else expect(applyPatch(read(document), read(patch))).toEqual(read(result));
    });
  }

  it('leaves the document before as it was, and shares what did not change', () => {
    const before = { bins: [{ usd: '1.00' }, { usd: '2.00' }], clusters: [1] };
    const after = applyPatch(before, [{ op: 'replace', path: '/bins/1/usd', value: '3.00' }]) as typeof before;
    expect(before.bins[1]?.usd).toBe('2.00');
    expect(after.bins[1]?.usd).toBe('3.00');
    expect(after.bins[0]).toBe(before.bins[0]);
    expect(after.clusters).toBe(before.clusters);
  });

  it('replaces the whole document, and copies', () => {
    expect(applyPatch({ a: 1 }, [{ op: 'replace', path: '', value: [2] }])).toEqual([2]);
    expect(applyPatch({ a: [1] }, [{ op: 'copy', from: '/a/0', path: '/b' }])).toEqual({ a: [1], b: 1 });
  });

  it('refuses what does not fit', () => {
    const document: Json = { list: [1, 2], deep: { er: 1 } };
    for (const patch of [
      null,
      'add',
      [null],
      [{ op: 'add', path: '/x' }],
      [{ op: 'invent', path: '/x', value: 1 }],
      [{ op: 'replace', path: '/list/2', value: 1 }],
      [{ op: 'replace', path: '/list/01', value: 1 }],
      [{ op: 'replace', path: '/list/-', value: 1 }],
      [{ op: 'add', path: '/list/3', value: 1 }],
      [{ op: 'remove', path: '/none' }],
      [{ op: 'remove', path: '' }],
      [{ op: 'replace', path: 'list', value: 1 }],
      [{ op: 'move', from: '/deep', path: '/deep/er' }],
      [{ op: 'copy', path: '/x' }],
      [{ op: 'add', path: '/__proto__/polluted', value: true }],
      [{ op: 'add', path: '/toString/x', value: true }],
    ]) {
      expect(() => applyPatch(document, patch), JSON.stringify(patch)).toThrow(PatchError);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('reads pointers as RFC 6901 has them', () => {
    expect(parsePointer('/a~1b/m~0n/')).toEqual(['a/b', 'm~n', '']);
  });
});
