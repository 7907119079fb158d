// The program under test: `liqlens serve` over the bundled days, on a port of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const READY_MS = 120_000;
const STOP_MS = 10_000;

export interface Running {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  port: number;
  /** Ends the program and waits until it is gone. */
  stop: () => Promise<void>;
}

/** The program: `LIQLENS_BIN`, or what `cargo build` leaves. */
export function program(): string {
  return process.env['LIQLENS_BIN'] ?? fileURLToPath(new URL('../../../target/debug/liqlens', import.meta.url));
}

/** Starts a server and waits until its markets are ready; port 0 takes any free one. */
export async function serve(port = 0, more: readonly string[] = []): Promise<Running> {
  const child = spawn(program(), ['serve', '--bind', `127.0.0.1:${port}`, '--json', ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told: string[] = [];
  child.stderr?.on('data', (bytes: Buffer) => told.push(bytes.toString()));
  const url = await address(child, told);
  await ready(url);
  return { url, port: Number(new URL(url).port), stop: () => ended(child) };
}

function address(child: ChildProcess, told: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the server did not start: ${why}\n${told.join('')}`));
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with code ${code}`));
    if (child.stdout === null) return fail('it has no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"url"\s*:\s*"(http:[^"]+)"/.exec(line)?.[1];
      if (found === undefined) return;
      child.removeAllListeners('exit');
      resolve(found.replace(/\/+$/, ''));
    });
  });
}

/** Waits until the server says that every market can be answered. */
export async function ready(url: string): Promise<void> {
  const until = Date.now() + READY_MS;
  for (;;) {
    try {
      const answer = await fetch(`${url}/v1/health/ready`);
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > until) throw new Error(`${url} was not ready after ${READY_MS / 1000} s`);
    await new Promise((later) => setTimeout(later, 100));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(impatient);
}
