/**
 * Reads an OpenAPI 3.1 description as far as the explorer shows it. The description comes from the server, but
 * is read as if it came from anybody: what is not of the expected form is left out.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly where: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  /** Type in words: `string`, `integer, at least 1`. */
  readonly type: string;
  readonly choices: readonly string[];
  readonly preset: string;
  readonly example: string;
}

export interface Answer {
  readonly status: string;
  readonly description: string;
  /** Media type and, where it has one, its schema. */
  readonly forms: readonly { readonly type: string; readonly schema: unknown }[];
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly answers: readonly Answer[];
}

export interface Description {
  readonly title: string;
  readonly version: string;
  readonly about: string;
  readonly groups: readonly { readonly tag: string; readonly about: string; readonly operations: readonly Operation[] }[];
  readonly schemas: readonly { readonly name: string; readonly schema: unknown }[];
  /** The whole text, where references point into. */
  readonly root: unknown;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Follows a reference inside the description, and references from there, a few steps at most. */
export function resolve(value: unknown, root: unknown): unknown {
  let here = value;
  for (let steps = 0; steps < 8; steps += 1) {
    const reference = fieldsOf(here)['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return here;
    here = reference
      .slice(2)
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, part) => (Array.isArray(at) ? listOf(at)[Number(part)] : own(at, part)), root);
  }
  return {};
}

function own(value: unknown, name: string): unknown {
  const fields = fieldsOf(value);
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function parseDescription(root: unknown): Description {
  const top = fieldsOf(root);
  const info = fieldsOf(top['info']);
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(fieldsOf(top['paths']))) {
    const fields = fieldsOf(resolve(item, root));
    for (const method of METHODS) {
      if (method in fields) operations.push(operation(method, path, fields[method], fields['parameters'], root));
    }
  }
  const named = listOf(top['tags']).map((tag) => fieldsOf(tag));
  const tags = [...new Set([...named.map((tag) => textOf(tag['name'])), ...operations.map(({ tag }) => tag)])];
  return {
    title: textOf(info['title']),
    version: textOf(info['version']),
    about: textOf(info['description']),
    groups: tags
      .map((tag) => ({
        tag,
        about: textOf(named.find((entry) => entry['name'] === tag)?.['description']),
        operations: operations.filter((entry) => entry.tag === tag),
      }))
      .filter((group) => group.operations.length > 0),
    schemas: Object.entries(fieldsOf(fieldsOf(top['components'])['schemas'])).map(([name, schema]) => ({ name, schema })),
    root,
  };
}

function operation(method: string, path: string, value: unknown, shared: unknown, root: unknown): Operation {
  const fields = fieldsOf(value);
  // An operation's own parameter replaces its path's of the same name.
  const byName = new Map<string, Parameter>();
  for (const entry of [...listOf(shared), ...listOf(fields['parameters'])]) {
    const read = parameter(resolve(entry, root), root);
    if (read !== null) byName.set(`${read.where} ${read.name}`, read);
  }
  return {
    id: textOf(fields['operationId']) || `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    tag: textOf(listOf(fields['tags'])[0]) || 'other',
    summary: textOf(fields['summary']),
    description: textOf(fields['description']),
    parameters: [...byName.values()],
    answers: Object.entries(fieldsOf(fields['responses'])).map(([status, answer]) => {
      const body = fieldsOf(resolve(answer, root));
      return {
        status,
        description: textOf(body['description']),
        forms: Object.entries(fieldsOf(body['content'])).map(([type, form]) => ({ type, schema: fieldsOf(form)['schema'] })),
      };
    }),
  };
}

function parameter(value: unknown, root: unknown): Parameter | null {
  const fields = fieldsOf(value);
  const name = textOf(fields['name']);
  const where = fields['in'];
  if (name === '' || (where !== 'path' && where !== 'query' && where !== 'header')) return null;
  const schema = fieldsOf(resolve(fields['schema'], root));
  const options = [schema, ...[...listOf(schema['anyOf']), ...listOf(schema['oneOf'])].map((one) => fieldsOf(resolve(one, root)))];
  const choices = options.flatMap((option) =>
    'const' in option ? [textOf(option['const'])] : listOf(option['enum']).map((choice) => textOf(choice)),
  );
  if (schema['type'] === 'boolean') choices.push('true', 'false');
  const firstExample = fieldsOf(Object.values(fieldsOf(fields['examples']))[0])['value'];
  return {
    name,
    where,
    required: fields['required'] === true,
    description: textOf(fields['description']) || textOf(schema['description']),
    type: typeWords(schema, root),
    choices: choices.filter((choice) => choice !== ''),
    preset: textOf(schema['default']),
    example: textOf(fields['example'] ?? firstExample ?? schema['example'] ?? listOf(schema['examples'])[0]),
  };
}

/** A schema's type in a few words. */
export function typeWords(schema: unknown, root: unknown, depth = 0): string {
  if (depth > 4) return 'value';
  const reference = fieldsOf(schema)['$ref'];
  if (typeof reference === 'string') return reference.slice(reference.lastIndexOf('/') + 1);
  const fields = fieldsOf(schema);
  const either = [...listOf(fields['anyOf']), ...listOf(fields['oneOf'])];
  if (either.length > 0) return [...new Set(either.map((one) => typeWords(one, root, depth + 1)))].join(' or ');
  if ('const' in fields) return JSON.stringify(fields['const']);
  const types = Array.isArray(fields['type']) ? listOf(fields['type']).map((type) => textOf(type)) : [textOf(fields['type'])];
  const words = types.map((type) =>
    type === 'array' && 'items' in fields ? `list of ${typeWords(fields['items'], root, depth + 1)}` : type,
  );
  const bounds = [
    'minimum' in fields ? `at least ${textOf(fields['minimum'])}` : '',
    'maximum' in fields ? `at most ${textOf(fields['maximum'])}` : '',
  ];
  return [words.filter((word) => word !== '').join(' or ') || 'value', ...bounds].filter((word) => word !== '').join(', ');
}

/** Path and query of a call; parameters left empty are left out. `null` while a required one is missing. */
export function callPath(call: Operation, values: Readonly<Record<string, string>>): string | null {
  let path = call.path;
  const query: string[] = [];
  for (const { name, where, required } of call.parameters) {
    const value = values[name] ?? '';
    if (value === '') {
      if (required || where === 'path') return null;
    } else if (where === 'path') {
      path = path.replace(`{${name}}`, () => encodeURIComponent(value));
    } else if (where === 'query') {
      query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    }
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}

export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly schema: unknown;
}

/** What a schema is made of: fields of an object (also of its parts), the entry of a list. */
export function membersOf(schema: unknown, root: unknown, depth = 0): Member[] {
  if (depth > 4) return [];
  const fields = fieldsOf(resolve(schema, root));
  const required = new Set(listOf(fields['required']));
  const members = Object.entries(fieldsOf(fields['properties'])).map(([name, value]) => ({
    name,
    required: required.has(name),
    schema: value,
  }));
  for (const part of listOf(fields['allOf'])) members.push(...membersOf(part, root, depth + 1));
  const either = [...listOf(fields['anyOf']), ...listOf(fields['oneOf'])];
  for (const part of either) members.push(...membersOf(part, root, depth + 1));
  if ('items' in fields) members.push(...membersOf(fields['items'], root, depth + 1));
  return members;
}
