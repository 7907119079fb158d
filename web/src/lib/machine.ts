// What the live connection takes from the machine it runs on, so that tests need neither network nor clock.

/** What of a browser's WebSocket is used. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send: (text: string) => void;
  close: () => void;
}

/** What is taken from the machine, so that tests need no clock. */
export interface Machine {
  open: () => Wire;
  later: (run: () => void, ms: number) => unknown;
  cancel: (timer: unknown) => void;
  random: () => number;
}

/** The browser's own means. */
export function browserMachine(): Machine {
  return {
    open: () => {
      const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
      return new WebSocket(`${scheme}//${location.host}/v1/ws`) as unknown as Wire;
    },
    later: (run, ms) => setTimeout(run, ms),
    cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout> | undefined),
    random: () => Math.random(),
  };
}
