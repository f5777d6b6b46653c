/** The report on selectors as CSV and as Markdown, safe for whatever a name holds. */
import { markdownTable } from 'markdown-table';
import { counts, csvOf, escapeMarkdown } from './report-tables.ts';
import type { SelectorReport } from './selector-report.ts';
import { type SelectorRow, selectorRows } from './selector-rows.ts';
import { duration, percent } from './words.ts';

export function selectorCsv(report: SelectorReport): string {
  const rows = selectorRows(report).map((row) => ({ ...row, errors: counts(row.errors), findings: row.findings.join(', ') }));
  const fields = [
    'by', 'name', 'from', 'count', 'completed', 'failed', 'action_failed', 'errors', 'success_rate', 'success_rate_low', 'success_rate_high', 'health', 'health_success', 'health_fallback', 'health_drift',
    'health_speed', 'health_uniqueness', 'findings', 'fallbacks', 'retries', 'ambiguous', 'drift_mean', 'found_something_else', 'confidence_reported', 'confidence_estimated', 'p50_seconds',
    'p95_seconds', 'p99_seconds', 'max_seconds', 'p95_before_seconds', 'last_used',
  ] satisfies (keyof SelectorRow)[];
  return csvOf(fields, rows);
}

export function selectorMarkdown(report: SelectorReport): string {
  const header = ['By', 'Name', 'Health', 'Findings', 'Count', 'Success (95% interval)', 'Failed', 'Fallbacks', 'Drift', 'Ambiguous', 'p50', 'p95', 'p95 before', 'From'];
  const seconds = (value: number | null): string => (value === null ? '' : duration(value));
  const body = selectorRows(report).map((row) => [
    row.by,
    escapeMarkdown(row.name),
    row.health === null ? '' : row.health.toFixed(0),
    row.findings.join(', '),
    String(row.count),
    row.success_rate === null ? '' : `${percent(row.success_rate)} (${percent(row.success_rate_low!)}–${percent(row.success_rate_high!)})`,
    row.failed === 0 ? '0' : escapeMarkdown(`${row.failed}: ${counts(row.errors)}`),
    String(row.fallbacks),
    row.drift_mean === null ? '' : row.drift_mean.toFixed(2),
    String(row.ambiguous),
    seconds(row.p50_seconds),
    seconds(row.p95_seconds),
    seconds(row.p95_before_seconds),
    row.from,
  ]);
  return `${markdownTable([header, ...body], { align: ['l', 'l', 'r', 'l', 'r', 'r', 'l', 'r', 'r', 'r', 'r', 'r', 'r', 'l'] })}\n`;
}
