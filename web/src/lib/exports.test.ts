import { describe, expect, it } from 'vitest';
import { type Entry, exportGroups, type ExportView } from './exports';

const view: ExportView = {
  name: 'map',
  symbol: 'BTC',
  params: { within: '5%' },
  asOf: '2026-03-18T12:00:00Z',
  formats: ['png', 'csv'],
  theme: 'dark',
  page: 'http://127.0.0.1:7878/map/BTC?within=5%25',
};

function entry(of: ExportView, id: string): Entry | undefined {
  return exportGroups(of).flatMap(({ entries }) => entries).find((one) => one.id === id);
}

describe('exportGroups', () => {
  it('pins files to the moment on screen', () => {
    expect(entry(view, 'file-csv')?.action).toEqual({
      href: '/v1/map/BTC?within=5%25&as_of=2026-03-18T12%3A00%3A00Z&format=csv',
      file: 'liqlens-map-BTC-20260318T120000Z.csv',
    });
  });

  it('draws pictures on the ground the page has', () => {
    const action = entry(view, 'file-png')?.action;
    expect(action !== undefined && 'href' in action ? new URL(action.href, view.page).searchParams.get('theme') : null).toBe('dark');
    expect(JSON.stringify(entry(view, 'file-csv'))).not.toContain('theme');
  });

  it('offers a link that follows the market and one that does not', () => {
    const page = `${view.page}&as_of=2026-03-16T00%3A00%3A00Z`;
    expect(entry({ ...view, page }, 'copy-live')?.action).toEqual({ text: 'http://127.0.0.1:7878/map/BTC?within=5%25' });
    const frozen = entry(view, 'copy-frozen')?.action;
    expect(frozen !== undefined && 'text' in frozen ? new URL(frozen.text).searchParams.get('as_of') : null).toBe(view.asOf);
  });

  it('offers nothing that there is not', () => {
    expect(entry({ ...view, name: 'overview', symbol: null }, 'copy-cli')).toBeUndefined();
    expect(entry({ ...view, asOf: null }, 'copy-frozen')).toBeUndefined();
    expect(entry(view, 'file-arrow')).toBeUndefined();
  });
});
