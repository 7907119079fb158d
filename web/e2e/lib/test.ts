// `test` of this suite: a page that is watched. At the end of every test it must have logged no error, broken no
// content policy, and asked no other host for anything.
import { test as base, expect, type Page, type Request } from '@playwright/test';

import { base as server } from './documents';

/** Documents of the server, not of a moment. */
const ALONE = ['symbols', 'venues', 'health'];

export class Watch {
  readonly errors: string[] = [];
  readonly violations: string[] = [];
  readonly foreign: string[] = [];
  /** Addresses of documents that were answered, the newest last. */
  readonly asked: string[] = [];
  #pending = new Set<Request>();
  #allowed: RegExp[] = [];

  /** Errors that a test provokes. */
  allow(...patterns: RegExp[]): void {
    this.#allowed.push(...patterns);
  }

  /** No request of this page is under way. */
  get quiet(): boolean {
    return this.#pending.size === 0;
  }

  /** The newest address asked for of each document (`map`, `ladder`, …) as of a moment. */
  newest(asOf: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const url of this.asked) {
      const { pathname, searchParams } = new URL(url);
      const [, , name = '', ...rest] = pathname.split('/');
      if (searchParams.get('as_of') === asOf && !searchParams.has('format')) found.set(name, url);
      else if (rest.length === 0 && ALONE.includes(name)) found.set(name, url);
    }
    return found;
  }

  follow(page: Page, origin: string): void {
    page.on('console', (message) => {
      if (message.type() === 'error') this.#error(message.text());
    });
    page.on('pageerror', (error) => this.#error(String(error.stack ?? error.message)));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && !/^(blob|data|about):/.test(url.protocol)) this.foreign.push(request.url());
      if (url.pathname.startsWith('/v1/')) this.#pending.add(request);
    });
    page.on('requestfinished', (request) => {
      this.#pending.delete(request);
      if (new URL(request.url()).pathname.startsWith('/v1/')) this.asked.push(request.url());
    });
    page.on('requestfailed', (request) => this.#pending.delete(request));
    page.on('websocket', (socket) => {
      const url = new URL(socket.url());
      if (url.host !== new URL(origin).host) this.foreign.push(socket.url());
    });
  }

  #error(text: string): void {
    this.errors.push(text);
  }

  unexpected(): string[] {
    return this.errors.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }
}

interface Fixtures {
  /** What the page did besides showing something. */
  watch: Watch;
  /** The server that the page is opened from. */
  origin: string;
}

export const test = base.extend<Fixtures>({
  origin: async ({}, use) => use(server()),
  baseURL: async ({ origin }, use) => use(origin),
  watch: [
    async ({ page, origin }, use) => {
      const watch = new Watch();
      await page.exposeFunction('cspViolated', (what: string) => watch.violations.push(what));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          const told = (window as unknown as { cspViolated: (what: string) => void }).cspViolated;
          told(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
        });
      });
      watch.follow(page, origin);
      await use(watch);
      expect(watch.unexpected(), 'errors in the console').toEqual([]);
      expect(watch.violations, 'violations of the content policy').toEqual([]);
      expect(watch.foreign, 'requests to other hosts').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
