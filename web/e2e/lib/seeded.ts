// Random choices that are the same in every run.

/** A generator of numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Whole minutes between two times, in the order they were drawn. */
export function minutes(seed: number, count: number, from: string, to: string): string[] {
  const draw = random(seed);
  const [first, last] = [Date.parse(from) / 60_000, Date.parse(to) / 60_000];
  return Array.from({ length: count }, () => {
    const minute = first + Math.floor(draw() * (last - first + 1));
    return new Date(minute * 60_000).toISOString().replace('.000Z', 'Z');
  });
}
