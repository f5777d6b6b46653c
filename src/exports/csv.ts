/**
 * CSV by RFC 4180, safe to open in a spreadsheet.
 *
 * A text that a spreadsheet would run as a formula (OWASP, "CSV Injection") is written with an apostrophe before
 * it; numbers, also negative ones and those given as text, stay as they are.
 */
export type CsvCell = string | number | boolean | null | undefined;

/** Also after spaces, and in full width: some spreadsheets take those too. */
const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]|^[\t\r\n]/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

function csvCell(value: CsvCell): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One record, with CRLF at its end. */
export function csvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** The header and each row end with CRLF, the last one too. */
export function csvText(columns: readonly string[], rows: Iterable<readonly CsvCell[]>): string {
  let text = csvRow(columns);
  for (const row of rows) text += csvRow(row);
  return text;
}
