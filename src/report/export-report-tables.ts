/** The report on exports as data, CSV, Markdown and text. */
import { markdownTable } from 'markdown-table';
import { aligned } from './aligned.ts';
import type { ExportFailure, ExportGroup, ExportReport } from './export-report.ts';
import { counts, csvOf, escapeMarkdown } from './report-tables.ts';
import { type Colors, clean, counted, duration, time } from './words.ts';

export interface ExportRow {
  readonly writer: string;
  readonly artifact_type: string | null;
  readonly count: number;
  readonly written: number;
  readonly handed_over: number;
  readonly failed: number;
  readonly skipped: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Artifacts that landed; one write of some writers is of several. */
  readonly artifacts: number;
  readonly bytes: number;
  readonly p50_seconds: number | null;
  readonly p95_seconds: number | null;
  readonly max_seconds: number | null;
}

function exportRow({ writer, type, count, outcomes, reasons, durations, sizes }: ExportGroup): ExportRow {
  const at = (q: number): number | null => (durations.count === 0 ? null : Number(durations.quantile(q).toPrecision(6)));
  return {
    writer: writer ?? '(publish)',
    artifact_type: type ?? null,
    count,
    ...outcomes,
    reasons: Object.fromEntries([...reasons].sort(([, a], [, b]) => b - a)),
    artifacts: sizes.count,
    bytes: sizes.sum,
    p50_seconds: at(0.5),
    p95_seconds: at(0.95),
    max_seconds: durations.count === 0 ? null : durations.max,
  };
}

const rows = ({ publishes, writes }: ExportReport): ExportRow[] => [...(publishes.count > 0 ? [exportRow(publishes)] : []), ...writes.map(exportRow)];

export function exportJson(report: ExportReport, { directory, since, now }: { readonly directory: string; readonly since: number; readonly now: number }): Readonly<Record<string, unknown>> {
  const { publishes, writes, lastFailures, setAside } = report;
  return {
    directory,
    since: new Date(since).toISOString(),
    until: new Date(now).toISOString(),
    publishes: exportRow(publishes),
    writes: writes.map(exportRow),
    last_failures: lastFailures.map(({ writer, artifact, outcome, reason, traceId, end }) => ({ writer, artifact: artifact ?? null, outcome, reason: reason ?? null, trace_id: traceId, ended_at: new Date(end).toISOString() })),
    set_aside: setAside,
  };
}

export function exportCsv(report: ExportReport): string {
  const fields = ['writer', 'artifact_type', 'count', 'written', 'handed_over', 'failed', 'skipped', 'reasons', 'artifacts', 'bytes', 'p50_seconds', 'p95_seconds', 'max_seconds'] satisfies (keyof ExportRow)[];
  return csvOf(fields, rows(report).map((row) => ({ ...row, reasons: counts(row.reasons) })));
}

export function exportMarkdown(report: ExportReport): string {
  const header = ['Writer', 'Type', 'Count', 'Written', 'Handed over', 'Failed', 'Skipped', 'Why', 'Artifacts', 'Bytes', 'p50', 'p95'];
  const body = rows(report).map((row) => [
    escapeMarkdown(row.writer),
    escapeMarkdown(row.artifact_type ?? ''),
    ...[row.count, row.written, row.handed_over, row.failed, row.skipped].map(String),
    escapeMarkdown(counts(row.reasons)),
    String(row.artifacts),
    String(row.bytes),
    ...[row.p50_seconds, row.p95_seconds].map((seconds) => (seconds === null ? '' : duration(seconds))),
  ]);
  return `${markdownTable([header, ...body], { align: ['l', 'l', 'r', 'r', 'r', 'r', 'r', 'l', 'r', 'r', 'r', 'r'] })}\n`;
}

export function exportText(report: ExportReport, { directory, since, colors }: { readonly directory: string; readonly since: number; readonly colors: Colors }): string {
  const { publishes, writes, lastFailures, setAside } = report;
  const failed = writes.reduce((sum, { outcomes }) => sum + outcomes.failed, 0);
  const facts = [
    colors.bold(counted(publishes.count, 'publish', 'publishes')),
    counted(writes.reduce((sum, { count }) => sum + count, 0), 'write'),
    failed > 0 ? colors.red(`${failed} failed`) : 'none failed',
    `since ${time(since)}`,
  ];
  const titles = ['writer', 'type', 'count', 'written', 'failed', 'skipped', 'why', 'artifacts', 'bytes', 'p50', 'p95'];
  const body = writes.map(exportRow).map((row) => [
    clean(row.writer, 32),
    clean(row.artifact_type ?? '–', 24),
    String(row.count),
    String(row.written + row.handed_over),
    row.failed > 0 ? colors.red(String(row.failed)) : '0',
    String(row.skipped),
    clean(counts(row.reasons) || '–', 48),
    String(row.artifacts),
    row.bytes.toLocaleString('en-US'),
    ...[row.p50_seconds, row.p95_seconds].map((seconds) => (seconds === null ? '–' : duration(seconds))),
  ]);
  const right = titles.map((title) => !['writer', 'type', 'why'].includes(title));
  return `${[
    facts.join(' · '),
    colors.dim(directory),
    '',
    aligned(titles.map((title) => colors.dim(title)), body, right),
    ...(lastFailures.length === 0 ? [] : ['', colors.bold('Last that did not land'), aligned(undefined, lastFailures.map((failure) => failureCells(failure, colors)), [])]),
    ...setAside.map(({ file, lines, because }) => colors.yellow(`set aside: ${clean(file, 200)}: ${lines === undefined ? '' : `${counted(lines, 'line')}, `}${clean(because)}`)),
  ].join('\n')}\n`;
}

function failureCells({ writer, artifact, reason, traceId, end }: ExportFailure, colors: Colors): string[] {
  return [time(end), clean(writer ?? '–', 32), clean(artifact ?? '–', 60), clean(reason ?? '–', 40), colors.dim(clean(traceId))];
}
