/** Runs whole programs as children, with the built package, and reads back what they left in `.spoor/`. */
import { spawn, type SpawnOptions } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const REGISTER = join(ROOT, 'dist/register.cjs');
export const CLI = join(ROOT, 'dist/src/cli/main.js');

/** A fresh directory, gone when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions extends Pick<SpawnOptions, 'cwd' | 'shell' | 'uid' | 'gid'> {
  /** Added to a clean environment (nothing of the test runner's own OTEL_, SPOOR_, TRACEPARENT or NODE_OPTIONS). */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** This process's environment without anything that would change what a traced program does. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(OTEL_|SPOOR_|TRACEPARENT$|TRACESTATE$|BAGGAGE$|NODE_OPTIONS$|NODE_V8_COVERAGE$|VITEST|NODE_ENV$)/.test(name)) delete env[name];
  }
  return env;
}

/** Runs a command to its end. */
export function run(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, env: { ...cleanEnvironment(), ...options.env }, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    // A program that ends without reading its input closes the pipe under us.
    child.stdin.on('error', () => {}).end(options.input ?? '');
  });
}

/** Runs a Node script with `spoor/register` preloaded, its telemetry in `directory`. */
export function runRegistered(directory: string, args: readonly string[], options: ProgramOptions = {}): Promise<Result> {
  return run(process.execPath, ['--require', REGISTER, ...args], {
    ...options,
    env: { SPOOR_DIR: directory, ...options.env },
  });
}

type Value = { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean; arrayValue?: { values?: Value[] } };
type KeyValue = { key: string; value: Value };

export interface RecordedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly status: { code?: number; message?: string };
  readonly attributes: Record<string, unknown>;
  readonly links: { traceId: string; spanId: string }[];
  readonly resource: Record<string, unknown>;
  readonly scope: string;
}

function plain(value: Value): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}

export function attributesOf(list: readonly KeyValue[] | undefined): Record<string, unknown> {
  return Object.fromEntries((list ?? []).map(({ key, value }) => [key, plain(value)]));
}

/** Every line under `.spoor/<signal>/`, parsed. A line that does not parse fails the test. */
export function lines(directory: string, signal: 'traces' | 'rollups' | 'starts'): any[] {
  const found: any[] = [];
  const walk = (folder: string): void => {
    let entries: import('node:fs').Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith('.jsonl')) {
        for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') found.push(JSON.parse(line));
      }
    }
  };
  walk(join(directory, signal));
  return found;
}

/** The spans that were written, in the order of their lines. */
export function spans(directory: string): RecordedSpan[] {
  return lines(directory, 'traces').flatMap((request) =>
    request.resourceSpans.flatMap((resourceSpans: any) =>
      resourceSpans.scopeSpans.flatMap((scopeSpans: any) =>
        scopeSpans.spans.map((span: any): RecordedSpan => ({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId || undefined,
          name: span.name,
          kind: span.kind,
          start: BigInt(span.startTimeUnixNano),
          end: BigInt(span.endTimeUnixNano),
          status: { code: 0, ...span.status },
          attributes: attributesOf(span.attributes),
          links: span.links ?? [],
          resource: attributesOf(resourceSpans.resource?.attributes),
          scope: scopeSpans.scope?.name,
        })),
      ),
    ),
  );
}

/** Sums of counters and counts of histograms over every delta line, by metric and attribute values. */
export function totals(directory: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const request of lines(directory, 'rollups')) {
    for (const resourceMetrics of request.resourceMetrics) {
      for (const scopeMetrics of resourceMetrics.scopeMetrics) {
        for (const metric of scopeMetrics.metrics) {
          const points = metric.exponentialHistogram?.dataPoints ?? metric.histogram?.dataPoints ?? metric.sum?.dataPoints ?? [];
          for (const point of points) {
            const attributes = Object.entries(attributesOf(point.attributes)).sort().map(([key, value]) => `${key}=${value}`);
            const name = [metric.name, ...attributes].join(' ');
            sums[name] = (sums[name] ?? 0) + Number(point.count ?? point.asInt ?? point.asDouble);
          }
        }
      }
    }
  }
  return sums;
}
