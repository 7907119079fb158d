/** Tables as text that a spreadsheet takes from the clipboard. */

/**
 * Cells separated by tabs, rows by line feeds. Tabs and line breaks inside a cell become spaces. Text that a
 * spreadsheet would run as a formula gets an apostrophe in front; numbers, also negative ones, stay numbers.
 */
export function toTsv(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  return rows.map((row) => row.map(cell).join('\t')).join('\n') + '\n';
}

function cell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = value.replace(/[\t\r\n]+/g, ' ');
  const number = /^[-+]?\d+(\.\d+)?$/.test(text);
  return /^[=+\-@]/.test(text) && !number ? `'${text}` : text;
}
