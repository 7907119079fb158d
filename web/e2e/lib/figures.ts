// All figures that a page shows, held against the documents they say they come from.
import type { Page } from '@playwright/test';

import { at, type Json } from './documents';
import { readings } from './format';

export interface Shown {
  /** `map.clusters[2].usd`: the document, then the path in it. */
  figure: string;
  /** The exact value, as the page says it read it. */
  value: string;
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
    const exact = valueText(value);
    if (one.value !== exact) return [`${one.figure}: the page holds ${one.value}, the document ${exact}`];
    const key = [...rest].reverse().find((step) => !/^\d+\]?$/.test(step) && step !== '') ?? '';
    const parent = at(document, path.replace(/\.?[^.[]+$/, ''));
    const beside = parent !== null && typeof parent === 'object' && !Array.isArray(parent) ? parent : {};
    const wanted = readings(key, value, beside);
    return wanted.includes(one.text) ? [] : [`${one.figure} = ${exact} reads "${one.text}", not ${wanted.map((text) => `"${text}"`).join(' or ')}`];
  });
}

/** A value as `data-value` has it; an interval by its ends. */
function valueText(value: Json): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(valueText).join('/');
  if ('lo80' in value) return `${valueText(value['lo80'] ?? null)}/${valueText(value['hi80'] ?? null)}`;
  return JSON.stringify(value);
}
