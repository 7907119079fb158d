// All figures that a page shows, held against the documents they say they come from.
import type { Page } from '@playwright/test';

import { at, type Json } from './documents';
import { readings } from './format';

export interface Shown {
  /** `map.clusters[2].usd`: the document, then the path in it. */
  figure: string;
  /** The exact value, as the page says it read it. */
  value: string;
  /** The upper end, where the figure is an interval whose ends are told apart: `open` if it has none. */
  high: string | null;
  /** What a reader reads. */
  text: string;
}

/** Every figure of the page, in the order of the markup. */
export function shown(page: Page): Promise<Shown[]> {
  return page.locator('[data-figure]').evaluateAll((elements) =>
    elements
      .filter((element) => element.getAttribute('data-figure') !== '')
      .map((element) => ({
        figure: element.getAttribute('data-figure') ?? '',
        value: element.getAttribute('data-value') ?? '',
        high: element.getAttribute('data-high'),
        text: (element.textContent ?? '').replace(/\s+/g, ' ').trim(),
      })),
  );
}

/** What is wrong with the figures of a page, a sentence each; nothing if all are the documents'. */
export function faults(figures: readonly Shown[], documents: Readonly<Record<string, Json>>): string[] {
  return figures.flatMap((one) => {
    const [name = '', ...rest] = one.figure.split(/[.[]/);
    const document = documents[name];
    if (document === undefined) return [`${one.figure}: the page asked for no such document`];
    const path = one.figure.slice(name.length + (one.figure[name.length] === '.' ? 1 : 0));
    const value = at(document, path);
    if (value === undefined) return [`${one.figure}: the document has no such field`];
    const key = [...rest].reverse().find((step) => !/^\d+\]?$/.test(step) && step !== '') ?? '';
    const parent = at(document, path.replace(/\.?[^.[]+$/, ''));
    const beside = parent !== null && typeof parent === 'object' && !Array.isArray(parent) ? parent : {};
    const exact = valueText(value, key, beside);
    const held = one.high === null ? one.value : `${one.value}/${one.high.replace('open', '')}`;
    if (held !== exact && one.value !== JSON.stringify(value)) return [`${one.figure}: the page holds ${held}, the document ${exact}`];
    const wanted = readings(key, value, beside);
    return [one.text, bare(one.text)].some((text) => wanted.includes(text)) ? [] : [`${one.figure} = ${exact} reads "${one.text}", not ${wanted.map((text) => `"${text}"`).join(' or ')}`];
  });
}

/** A figure without the words and signs that only say what it is: the side, the interval's share, brackets. */
function bare(text: string): string {
  return text
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^(80 %:|[▼▲≥≤]|data|grade|measured|modelled|reported) ?/, '')
    .replace(/ (longs|shorts|old)$/, '');
}

/** A value as the page has it: an interval by its ends, a tilt by its ratio. */
function valueText(value: Json, key = '', beside: Record<string, Json> = {}): string {
  if (value === null) return '';
  if (key === 'usd_lo80') return `${String(value)}/${String(beside['usd_hi80'] ?? '')}`;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map((one) => valueText(one)).join('/');
  if ('lo80' in value) return `${valueText(value['lo80'] ?? null)}/${valueText(value['hi80'] ?? null)}`;
  if (key === 'tilt') return valueText(value['ratio'] ?? null);
  return JSON.stringify(value);
}
