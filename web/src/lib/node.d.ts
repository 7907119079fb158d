// The little of Node that tests use.
declare module 'node:child_process' {
  export function execFileSync(file: string, words: readonly string[], options: { encoding: 'utf8' }): string;
}
