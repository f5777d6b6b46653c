/** The report's rows as CSV and as Markdown, safe for whatever a name holds. */
import { markdownTable } from 'markdown-table';
import Papa from 'papaparse';
import type { Row } from './report-rows.ts';
import { duration, percent } from './words.ts';

/** Papa Parse's own pattern lets one through that goes on after a line break. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * RFC 4180. A name that a spreadsheet would run as a formula is written with an apostrophe before it
 * (OWASP, "CSV Injection").
 */
export function csvOf<R extends object>(fields: (keyof R & string)[], rows: readonly R[]): string {
  const data = rows.map((row) => fields.map((field) => row[field]));
  return `${Papa.unparse([fields, ...data], { newline: '\r\n', escapeFormulae: FORMULA })}\r\n`;
}

export function csv(rows: readonly Row[]): string {
  const columns = ['kind', 'executable', 'role', 'model', 'count', 'succeeded', 'failed', 'blocked', 'abandoned', 'running', 'errors', 'success_rate', 'success_rate_low', 'success_rate_high', 'p50_seconds', 'p95_seconds', 'p99_seconds', 'max_seconds', 'total_seconds'] satisfies (keyof Row)[];
  return csvOf(columns, rows.map((row) => ({ ...row, errors: counts(row.errors) })));
}

export function markdown(rows: readonly Row[]): string {
  const header = ['Spawned', 'Role', 'Model', 'Count', 'Success (95% interval)', 'Failed', 'Blocked', 'Abandoned', 'Running', 'p50', 'p95', 'p99', 'Total'];
  const body = rows.map((row) => [
    escapeMarkdown(row.executable ?? row.kind),
    escapeMarkdown(row.role ?? ''),
    escapeMarkdown(row.model ?? ''),
    String(row.count),
    row.success_rate === null ? '' : `${percent(row.success_rate)} (${percent(row.success_rate_low!)}–${percent(row.success_rate_high!)})`,
    row.failed === 0 ? '0' : escapeMarkdown(`${row.failed}: ${counts(row.errors)}`),
    String(row.blocked),
    String(row.abandoned),
    String(row.running),
    ...[row.p50_seconds, row.p95_seconds, row.p99_seconds].map((seconds) => (seconds === null ? '' : duration(seconds))),
    duration(row.total_seconds),
  ]);
  return `${markdownTable([header, ...body], { align: ['l', 'l', 'l', 'r', 'r', 'l', 'r', 'r', 'r', 'r', 'r', 'r', 'r'] })}\n`;
}

/** A cell is one line, and every character of a name means itself. */
export function escapeMarkdown(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').replace(/[\\`*_{}[\]<>#+!|~&$@]/g, '\\$&');
}

/** How often each, in one cell. */
export function counts(byName: Readonly<Record<string, number>>): string {
  return Object.entries(byName).map(([name, count]) => `${count} ${name}`).join(', ');
}
