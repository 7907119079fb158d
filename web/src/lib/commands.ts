/** The same view elsewhere: as a request, on the command line, in Python. */

import { address } from './rest';

export interface ViewRequest {
  /** Name of the document: `map`, `brief`, `overview`, … */
  readonly name: string;
  /** The market; `null` for documents about all of them. */
  readonly symbol: string | null;
  /** Parameters in the API's words; absent ones are the server's choice. */
  readonly params: Readonly<Record<string, string>>;
}

/** Options of the commands that answer with a document, by parameter of the API. */
const COMMANDS: Readonly<Record<string, { readonly options: readonly string[]; readonly needs?: string }>> = {
  reach: { options: ['amount'], needs: 'amount' },
  at: { options: ['move'], needs: 'move' },
  map: { options: ['within', 'bin'] },
  clusters: { options: ['within'] },
  heatmap: { options: ['from', 'last', 'step', 'row', 'within'] },
  brief: { options: ['amount', 'within'] },
};
const COMMON = ['as_of', 'evidence', 'model'] as const;

/** One word of a POSIX shell, quoted only where it must be. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Path and query of the document. */
export function requestPath(view: ViewRequest): string {
  return address(view.name, view.symbol ?? '', view.params);
}

/** A command that fetches the document, and fails where the server does. */
export function curlCommand(view: ViewRequest, origin: string): string {
  return `curl --fail --silent --show-error ${shellWord(origin + requestPath(view))}`;
}

/** The command that prints the same document; `null` where there is none. */
export function cliCommand(view: ViewRequest): string | null {
  const command = COMMANDS[view.name];
  if (command === undefined || view.symbol === null) return null;
  if (command.needs !== undefined && !view.params[command.needs]) return null;
  const words = ['liqlens', view.name];
  if (!view.symbol.startsWith('-')) words.push(shellWord(view.symbol));
  for (const name of [...command.options, ...COMMON]) {
    const value = view.params[name];
    if (value === undefined || value === '') continue;
    // A list of moves is one option each; `=` keeps a leading minus from being read as an option.
    const values = name === 'move' ? value.split(',') : [value];
    for (const one of values) words.push(shellWord(`--${name.replaceAll('_', '-')}=${one.trim()}`));
  }
  if (view.params['allow_stale'] === 'true') words.push('--allow-stale');
  words.push('--json');
  if (view.symbol.startsWith('-')) words.push('--', shellWord(view.symbol));
  return words.join(' ');
}

/** Python that reads the document with the standard library alone. */
export function pythonCode(view: ViewRequest, origin: string): string {
  // A JSON string is a Python string too, whatever it holds.
  const url = JSON.stringify(origin + requestPath(view));
  return [
    'import json',
    'from urllib.request import urlopen',
    '',
    `with urlopen(${url}) as answer:`,
    `    ${/^[a-z_]+$/.test(view.name) ? view.name : 'document'} = json.load(answer)`,
  ].join('\n');
}

/** A file name that says what the file holds: `liqlens-map-BTC-20260318T120000Z.csv`. */
export function fileName(view: ViewRequest, suffix: string): string {
  const time = (view.params['as_of'] ?? '').replace(/[-:]/g, '');
  const parts = ['liqlens', view.name, view.symbol ?? '', time];
  return `${parts.map((part) => part.replace(/[^\w.]+/g, '-')).filter((part) => part !== '').join('-')}.${suffix}`;
}
