// What comes from the network is checked for the little that the page cannot do without.

import type { Clock, Problem } from './documents';

export function isClock(value: unknown): value is Clock {
  if (value === null || typeof value !== 'object') return false;
  const clock = value as Record<string, unknown>;
  return typeof clock['mode'] === 'string' && typeof clock['now'] === 'string';
}

export function isProblem(value: unknown): value is Problem {
  if (value === null || typeof value !== 'object') return false;
  const problem = value as Record<string, unknown>;
  return typeof problem['title'] === 'string' && typeof problem['status'] === 'number';
}
