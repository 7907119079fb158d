/** What the export menu offers for a view: files to download, commands to copy, links to share. */

import { cliCommand, curlCommand, fileName, pythonCode, requestPath, type ViewRequest } from './commands';

/** Forms a document can be had in. */
export type Format = 'json' | 'csv' | 'arrow' | 'png' | 'svg' | 'md' | 'html';

const FORMATS: Readonly<Record<Format, { readonly title: string; readonly suffix: string }>> = {
  png: { title: 'Picture (PNG)', suffix: 'png' },
  svg: { title: 'Picture (SVG)', suffix: 'svg' },
  csv: { title: 'Table (CSV)', suffix: 'csv' },
  json: { title: 'Document (JSON)', suffix: 'json' },
  arrow: { title: 'Table (Arrow)', suffix: 'arrow' },
  md: { title: 'Text (Markdown)', suffix: 'md' },
  html: { title: 'Page (HTML)', suffix: 'html' },
};
const PICTURES: readonly Format[] = ['png', 'svg'];

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly action: { readonly href: string; readonly file: string } | { readonly text: string };
}

export interface ExportView extends ViewRequest {
  /** The moment of the document on screen, which files and frozen links are pinned to. */
  readonly asOf: string | null;
  readonly formats: readonly Format[];
  /** Ground of the pictures. */
  readonly theme: 'light' | 'dark';
  /** Where the page stands, with all of its state. */
  readonly page: string;
}

export interface Group {
  readonly title: string;
  readonly entries: readonly Entry[];
}

export function exportGroups(view: ExportView): Group[] {
  const origin = new URL(view.page).origin;
  const frozen: ViewRequest = { ...view, params: view.asOf === null ? view.params : { ...view.params, as_of: view.asOf } };
  const files = view.formats.map((format): Entry => {
    const { title, suffix } = FORMATS[format];
    const theme: Record<string, string> = PICTURES.includes(format) ? { theme: view.theme } : {};
    const href = requestPath({ ...frozen, params: { ...frozen.params, format, ...theme } });
    return { id: `file-${format}`, title, action: { href, file: fileName(frozen, suffix) } };
  });
  const cli = cliCommand(frozen);
  const commands: Entry[] = [
    ...(cli === null ? [] : [{ id: 'copy-cli', title: 'Command line', action: { text: cli } }]),
    { id: 'copy-python', title: 'Python', action: { text: pythonCode(frozen, origin) } },
    { id: 'copy-curl', title: 'curl', action: { text: curlCommand(frozen, origin) } },
  ];
  const links: Entry[] = [
    { id: 'copy-live', title: 'Live link', action: { text: pageLink(view.page, null) } },
    ...(view.asOf === null
      ? []
      : [{ id: 'copy-frozen', title: 'Link to this moment', action: { text: pageLink(view.page, view.asOf) } }]),
  ];
  return [
    { title: 'Download', entries: files },
    { title: 'Copy for this view', entries: commands },
    { title: 'Copy link', entries: links },
  ].filter(({ entries }) => entries.length > 0);
}

/** The page's own address at a moment, or at whatever is the newest when it is opened. */
function pageLink(page: string, asOf: string | null): string {
  const url = new URL(page);
  url.searchParams.delete('replay');
  if (asOf === null) url.searchParams.delete('as_of');
  else url.searchParams.set('as_of', asOf);
  return url.href;
}
