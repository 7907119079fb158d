import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cliCommand, curlCommand, fileName, pythonCode, requestPath, shellWord } from './commands';

const origin = 'http://127.0.0.1:7878';

/** What a real shell makes of a line of words. */
function words(line: string): string[] {
  const printed = execFileSync('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

describe('requestPath', () => {
  it('encodes the market and every value', () => {
    const view = { name: 'map', symbol: 'BTC/USDT:USDT', params: { within: '5%', bin: '50usd', as_of: '' } };
    expect(requestPath(view)).toBe('/v1/map/BTC%2FUSDT%3AUSDT?within=5%25&bin=50usd');
  });

  it('reads back as what went in', () => {
    const params = { as_of: '2026-03-18T12:00:00+00:00', move: '-2%,+770,to:75000', odd: 'a&b=c #é' };
    const url = new URL(requestPath({ name: 'at', symbol: '币安人生/USDT:USDT', params }), origin);
    expect(Object.fromEntries(url.searchParams)).toEqual(params);
    expect(decodeURIComponent(url.pathname)).toBe('/v1/at/币安人生/USDT:USDT');
  });

  it('has no place for a market where there is none', () => {
    expect(requestPath({ name: 'overview', symbol: null, params: {} })).toBe('/v1/overview');
  });
});

describe('shell words', () => {
  it('survive a shell, whatever they hold', () => {
    const hostile = ["it's", '$(touch x)', '`id`', 'a b', '"', '\\', '*', '~', '', 'a;b', 'new\nline', '--within=5%', '!x'];
    expect(words(hostile.map((word) => shellWord(word)).join(' '))).toEqual(hostile);
  });

  it('are left bare where they can be', () => {
    expect(shellWord('BTC/USDT:USDT')).toBe('BTC/USDT:USDT');
  });

  it('make a curl command of one address', () => {
    const view = { name: 'map', symbol: "X'Y", params: { within: '5%' } };
    expect(words(curlCommand(view, origin)).at(-1)).toBe(`${origin}/v1/map/X'Y?within=5%25`);
  });
});

describe('cliCommand', () => {
  it('names the options of the command', () => {
    const params = { within: '5%', bin: '50usd', as_of: '2026-03-18T12:00:00Z', theme: 'dark', allow_stale: 'true' };
    expect(cliCommand({ name: 'map', symbol: 'BTC', params })).toBe(
      'liqlens map BTC --within=5% --bin=50usd --as-of=2026-03-18T12:00:00Z --allow-stale --json',
    );
  });

  it('gives every move an option of its own', () => {
    expect(cliCommand({ name: 'at', symbol: 'BTC', params: { move: '-2%, +770' } })).toBe(
      'liqlens at BTC --move=-2% --move=+770 --json',
    );
  });

  it('keeps a market from being read as an option', () => {
    const line = cliCommand({ name: 'map', symbol: '--help', params: {} });
    expect(line).toBe('liqlens map --json -- --help');
  });

  it('is absent where there is no such command, or it lacks what it needs', () => {
    expect(cliCommand({ name: 'overview', symbol: null, params: {} })).toBeNull();
    expect(cliCommand({ name: 'gaps', symbol: 'BTC', params: {} })).toBeNull();
    expect(cliCommand({ name: 'reach', symbol: 'BTC', params: {} })).toBeNull();
  });
});

describe('pythonCode', () => {
  it('holds the address as a string that nothing leaves', () => {
    const code = pythonCode({ name: 'map', symbol: 'BTC', params: { within: '5%' } }, origin);
    expect(code).toContain('urlopen("http://127.0.0.1:7878/v1/map/BTC?within=5%25")');
    const odd = pythonCode({ name: 'map', symbol: '"+x+"\\', params: {} }, 'http://h"');
    expect(odd).toContain('urlopen("http://h\\"/v1/map/%22%2Bx%2B%22%5C")');
  });
});

describe('fileName', () => {
  it('holds no character a file system minds', () => {
    const view = { name: 'map', symbol: '../BTC/USDT:USDT', params: { as_of: '2026-03-18T12:00:00Z' } };
    expect(fileName(view, 'csv')).toBe('liqlens-map-..-BTC-USDT-USDT-20260318T120000Z.csv');
    expect(fileName({ name: 'overview', symbol: null, params: {} }, 'json')).toBe('liqlens-overview.json');
  });
});
