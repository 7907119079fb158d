// What a document says about its own freshness and coverage, in words.

import { age, share } from './format';

interface Head {
  age_s?: unknown;
  /** A letter alone in ticks. */
  grade?: { letter: string } | string;
  /** In words alone in ticks. */
  coverage?: { oi_share?: number | null; venues: number; missing: string[]; text: string } | string;
  markets?: { title: string; channels?: { name: string; age_s?: number | null; limit_s: number; newest?: string | null }[] }[];
}

export interface Weakness {
  /** A sentence for each channel whose newest data are older than they may be. */
  stale: string[];
  /** Whether less of the market than a reader may take for granted is in (known share below 70 %). */
  partial: boolean;
  coverage: string;
}

const PARTIAL_BELOW = 0.7;

export type ChannelState = 'fresh' | 'stale' | 'missing';

/** How a channel stands against its limit. */
export function channelState(channel: { age_s?: number | null; limit_s: number }): ChannelState {
  if (channel.age_s === null || channel.age_s === undefined) return 'missing';
  return channel.age_s > channel.limit_s ? 'stale' : 'fresh';
}

export function weakness(document: unknown): Weakness {
  const head = (document ?? {}) as Head;
  const stale: string[] = [];
  for (const market of head.markets ?? []) {
    for (const channel of market.channels ?? []) {
      if (channelState(channel) !== 'stale') continue;
      stale.push(`${market.title} ${channel.name} is ${age(channel.age_s)} old (limit ${age(channel.limit_s)})`);
    }
  }
  const coverage = typeof head.coverage === 'string' ? undefined : head.coverage;
  const known = coverage?.oi_share;
  return {
    stale,
    partial: typeof known === 'number' && known < PARTIAL_BELOW,
    coverage: coverage?.text ?? '',
  };
}

export interface Light {
  level: 'good' | 'warn' | 'bad' | 'none';
  /** `grade C`, `100 % of OI` or `1 venue`, `age 2 s`. */
  words: string[];
}

/** The data light: grade, coverage and age, as a colour and in words. */
export function light(document: unknown): Light {
  const head = (document ?? {}) as Head;
  if (head.grade === undefined) return { level: 'none', words: ['no data yet'] };
  const letter = typeof head.grade === 'string' ? head.grade : head.grade.letter;
  const { stale, partial } = weakness(document);
  const level = letter === 'D' ? 'bad' : letter === 'C' || partial || stale.length > 0 ? 'warn' : 'good';
  const words = [`grade ${letter}`, coverageWords(head.coverage)];
  if (typeof head.age_s === 'number') words.push(`age ${age(head.age_s)}`);
  if (stale.length > 0) words.push('stale');
  return { level, words };
}

function coverageWords(coverage: Head['coverage']): string {
  // The sentence of a tick begins with the share or the number of venues, and goes on in detail.
  if (coverage === undefined || typeof coverage === 'string') return (coverage ?? '').replace(/ *[(,].*$/, '');
  if (typeof coverage.oi_share === 'number') return `${share(coverage.oi_share)} of OI`;
  return `${coverage.venues} venue${coverage.venues === 1 ? '' : 's'}`;
}
