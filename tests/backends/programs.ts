/** Programs that record and ship to a stack, and the two sides of what came of it: the files, and the backends. */
import { expect } from 'vitest';
import { CLI, REGISTER, ROOT, run, spans, type RecordedSpan, type Result } from '../support/program.ts';
import { eventually } from './server.ts';
import type { JaegerSpan } from './jaeger.ts';
import type { Sample } from './prometheus.ts';
import type { Stack } from './stack.ts';

export interface Recording {
  readonly directory: string;
  readonly service: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The environment of programs that ship from `directory` to the stack. */
export function recording(directory: string, stack: Stack, service: string, env: NodeJS.ProcessEnv = {}): Recording {
  return { directory, service, env: { SPOOR_DIR: directory, OTEL_SERVICE_NAME: service, OTEL_EXPORTER_OTLP_ENDPOINT: stack.endpoint, ...env } };
}

export function node({ env }: Recording, args: readonly string[]): Promise<Result> {
  return run(process.execPath, ['--require', REGISTER, ...args], { cwd: ROOT, env });
}

export function spoor({ env }: Recording, args: readonly string[]): Promise<Result> {
  return run(process.execPath, [CLI, ...args], { cwd: ROOT, env });
}

/** Sends what is left. */
export async function ship(of: Recording): Promise<void> {
  const { code, stderr } = await spoor(of, ['ship']);
  expect(code, stderr).toBe(0);
}

/** One row of the numbers, whichever side it is from. */
export interface Row {
  readonly count: number;
  readonly seconds: number;
  readonly errors: Readonly<Record<string, number>>;
}

type Rows = Record<string, Row>;

interface ReportGroup {
  readonly kind: string;
  readonly executable: string | null;
  readonly role: string | null;
  readonly model: string | null;
  readonly count: number;
  readonly total_seconds: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** `spoor report` over the files. */
async function reported(of: Recording): Promise<Rows> {
  const { code, stdout, stderr } = await spoor(of, ['report', '--json']);
  expect(code, stderr).toBe(0);
  const { spawns } = JSON.parse(stdout) as { spawns: readonly ReportGroup[] };
  return sorted(Object.fromEntries(spawns.map(({ kind, executable, role, model, count, total_seconds: seconds, errors }) => [[kind, executable, role, model].join(' '), { count, seconds, errors }])));
}

/** The same from Prometheus's last values. */
async function counted({ service }: Recording, stack: Stack): Promise<Rows> {
  const samples = await stack.prometheus.query(`last_over_time(spoor_spawn_duration_seconds{job="${service}"}[1h])`);
  const rows: Record<string, { count: number; seconds: number; errors: Record<string, number> }> = {};
  for (const { labels, histogram } of samples) {
    const row = (rows[rowName(labels)] ??= { count: 0, seconds: 0, errors: {} });
    const { count, sum } = histogram!;
    row.count += count;
    row.seconds += sum;
    if (labels.error_type !== undefined) row.errors[labels.error_type] = (row.errors[labels.error_type] ?? 0) + count;
  }
  return sorted(rows);
}

function rowName(labels: Sample['labels']): string {
  const { spoor_spawn_kind: kind, process_executable_name: executable, spoor_spawn_role: role, gen_ai_request_model: model } = labels;
  return [kind === 'agent' || kind === 'worker' ? kind : 'process', executable, role, model].join(' ');
}

/** By name; a histogram without a value is no row. */
function sorted(rows: Rows): Rows {
  const entries = Object.entries(rows).filter(([, { count }]) => count > 0);
  return Object.fromEntries(entries.map(([name, row]) => [name, { ...row, errors: Object.fromEntries(Object.entries(row.errors).sort()) }] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Both sides agree: counts and errors exactly, sums but for the rounding of floats that are added in another order. */
export async function expectAgreement(of: Recording, stack: Stack): Promise<Rows> {
  const local = await reported(of);
  const even = (rows: Rows): Rows => Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, { ...row, seconds: isClose(row.seconds, local[name]?.seconds) ? local[name]!.seconds : row.seconds }]));
  const seen = await eventually(async () => even(await counted(of, stack)), (rows) => JSON.stringify(rows) === JSON.stringify(local));
  expect(seen).toEqual(local);
  expect(Object.keys(local).length).toBeGreaterThan(0);
  return local;
}

/** The report has nine digits. */
function isClose(a: number, b: number | undefined): boolean {
  return b !== undefined && Math.abs(a - b) <= 1e-8 * Math.max(a, b);
}

/** What tells two spans apart, and where they belong. */
export type Placed = Readonly<Record<string, { readonly name: string; readonly parent: string | undefined }>>;

/** Every span of the files. */
function written({ directory }: Recording): Placed {
  return placed(spans(directory));
}

function placed(list: readonly (RecordedSpan | JaegerSpan)[]): Placed {
  return Object.fromEntries(list.map(({ spanId, name, parentSpanId }) => [spanId, { name, parent: parentSpanId }] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Jaeger has every span of the files, in its place, once. */
export async function expectSpans(of: Recording, stack: Stack, milliseconds = 30_000): Promise<void> {
  const local = written(of);
  const ids = [...new Set(spans(of.directory).map(({ traceId }) => traceId))];
  const look = async (): Promise<JaegerSpan[]> => (await Promise.all(ids.map((id) => stack.jaeger.trace(id)))).flatMap((trace) => trace ?? []);
  const found = await eventually(look, (list) => list.length >= Object.keys(local).length, milliseconds);
  expect(placed(found)).toEqual(local);
  // No span shows twice.
  expect(found).toHaveLength(Object.keys(local).length);
}
