// The little of Node that tests use.
declare module 'node:child_process' {
  export function execFileSync(file: string, words: readonly string[], options: { encoding: 'utf8' }): string;
}

declare module 'node:fs' {
  export function readFileSync(path: URL, encoding: 'utf8'): string;
}
