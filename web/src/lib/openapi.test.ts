import { describe, expect, it } from 'vitest';
import { callPath, membersOf, parseDescription, resolve, typeWords } from './openapi';

const root = {
  openapi: '3.1.0',
  info: { title: 'liqlens', version: '1' },
  tags: [{ name: 'documents', description: 'Answers' }, { name: 'unused' }],
  paths: {
    '/v1/map/{symbol}': {
      parameters: [{ $ref: '#/components/parameters/Symbol' }],
      get: {
        operationId: 'map',
        tags: ['documents'],
        summary: 'Dollars by price',
        parameters: [
          { name: 'within', in: 'query', description: 'Distance', schema: { type: 'string', default: '10%' }, example: '5%' },
          { name: 'format', in: 'query', schema: { $ref: '#/components/schemas/Format' } },
          { name: 'cookie', in: 'cookie', schema: { type: 'string' } },
          { in: 'query' },
        ],
        responses: {
          200: { description: 'The map', content: { 'application/json': { schema: { $ref: '#/components/schemas/Map' } } } },
          404: { $ref: '#/components/responses/Problem' },
        },
      },
    },
    '/v1/health': { get: {} },
  },
  components: {
    parameters: { Symbol: { name: 'symbol', in: 'path', required: true, schema: { type: 'string' } } },
    responses: { Problem: { description: 'A problem', content: { 'application/problem+json': {} } } },
    schemas: {
      Format: { type: 'string', enum: ['json', 'csv'] },
      Map: {
        type: 'object',
        required: ['usd'],
        properties: { usd: { type: 'string' }, next: { anyOf: [{ $ref: '#/components/schemas/Map' }, { type: 'null' }] } },
      },
      'a/b': { type: 'integer', minimum: 1 },
    },
  },
};

describe('parseDescription', () => {
  const read = parseDescription(root);
  const map = read.groups[0]?.operations[0];

  it('groups operations by tag, in the order of the tags', () => {
    expect(read.groups.map(({ tag, operations }) => [tag, operations.map(({ id }) => id)])).toEqual([
      ['documents', ['map']],
      ['other', ['get /v1/health']],
    ]);
  });

  it('follows references to parameters, choices and answers', () => {
    expect(map?.parameters.map(({ name, where, required, preset, example, choices }) => [name, where, required, preset, example, choices])).toEqual([
      ['symbol', 'path', true, '', '', []],
      ['within', 'query', false, '10%', '5%', []],
      ['format', 'query', false, '', '', ['json', 'csv']],
    ]);
    expect(map?.answers.map(({ status, description }) => [status, description])).toEqual([['200', 'The map'], ['404', 'A problem']]);
  });

  it('offers the two values of a flag', () => {
    const flag = { name: 'allow_stale', in: 'query', schema: { type: 'boolean' }, example: true };
    const read = parseDescription({ paths: { '/v1/map': { get: { parameters: [flag] } } } });
    expect(read.groups[0]?.operations[0]?.parameters[0]).toMatchObject({ choices: ['true', 'false'], example: 'true', required: false });
  });

  it('answers anything at all with an empty description', () => {
    for (const odd of [null, 3, 'x', [], { paths: [] }, { paths: { '/x': null } }, { paths: { '/x': { get: 7 } } }]) {
      expect(() => parseDescription(odd)).not.toThrow();
    }
    expect(parseDescription(null).groups).toEqual([]);
  });
});

describe('references', () => {
  it('may hold a slash in a name, and may go round in circles', () => {
    expect(resolve({ $ref: '#/components/schemas/a~1b' }, root)).toEqual({ type: 'integer', minimum: 1 });
    const circle = { a: { $ref: '#/b' }, b: { $ref: '#/a' } };
    expect(resolve(circle.a, circle)).toEqual({});
  });

  it('reach nothing that the description does not hold', () => {
    expect(resolve({ $ref: '#/constructor/prototype' }, root)).toBeUndefined();
    expect(resolve({ $ref: 'other.json#/x' }, root)).toEqual({ $ref: 'other.json#/x' });
  });
});

describe('schemas', () => {
  it('say their type in words', () => {
    expect(typeWords({ type: ['string', 'null'] }, root)).toBe('string or null');
    expect(typeWords({ type: 'array', items: { $ref: '#/components/schemas/Map' } }, root)).toBe('list of Map');
    expect(typeWords({ type: 'integer', minimum: 1, maximum: 10_000 }, root)).toBe('integer, at least 1, at most 10000');
    expect(typeWords({ anyOf: [{ $ref: '#/components/schemas/Map' }, { type: 'null' }] }, root)).toBe('Map or null');
    expect(typeWords({}, root)).toBe('value');
  });

  it('name their members, one level at a time', () => {
    const members = membersOf({ $ref: '#/components/schemas/Map' }, root);
    expect(members.map(({ name, required }) => [name, required])).toEqual([['usd', true], ['next', false]]);
    expect(membersOf(members[1]?.schema, root).map(({ name }) => name)).toEqual(['usd', 'next']);
  });
});

describe('callPath', () => {
  const call = parseDescription(root).groups[0]?.operations[0];
  if (call === undefined) throw new Error('the description has an operation');

  it('encodes what was typed and leaves out what was not', () => {
    expect(callPath(call, { symbol: 'BTC/USDT', within: '5%' })).toBe('/v1/map/BTC%2FUSDT?within=5%25');
    expect(callPath(call, { symbol: '$&', format: 'csv' })).toBe('/v1/map/%24%26?format=csv');
  });

  it('waits for what is required', () => {
    expect(callPath(call, { within: '5%' })).toBeNull();
  });
});
