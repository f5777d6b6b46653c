/** Directories as programs leave them, and the command that sends from them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { keyValues, resourcePrefix, spanLine } from '../../exporters/span-line.ts';
import { ATTR, PROCESS_SPAWN, SCOPE, SPAWN_DURATION } from '../../src/conventions.ts';
import { loadConfig } from '../../src/config.ts';
import { deltaLine } from '../../src/rollup/otlp.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { Lease } from '../../src/ship/lease.ts';
import { ownResource } from '../../src/ship/own-resource.ts';
import { type ShipSettings, type Stop, shipSettings } from '../../src/ship/road.ts';
import { Shipper } from '../../src/ship/shipper.ts';
import { shipStatus } from '../../src/ship/status.ts';
import { hostId } from '../../src/store/host.ts';
import { hourFile, prepareDirectory } from '../../src/store/layout.ts';
import { processSpace } from '../../src/store/process-identity.ts';
import { CLI, run, type Result } from '../support/program.ts';

export interface Written {
  /** Ids of the spans, in order. */
  readonly ids: string[];
  readonly tracePath: string;
  readonly rollupPath: string;
}

export interface WriteOptions {
  /** Epoch milliseconds at which the spans ended. Default now. */
  readonly at?: number;
  readonly service?: string;
  /** A last line of numbers, as a process writes that comes to its end. Default true. */
  readonly final?: boolean;
  /** Whether the numbers are written at all. Default true. */
  readonly numbers?: boolean;
  readonly pid?: number;
}

/** What one process leaves that spawned `count` programs, each of which took 10 ms. */
export function leave(directory: string, count: number, { at = Date.now(), service = 'test', final = true, numbers = true, pid = 2 ** 22 - 3 }: WriteOptions = {}): Written {
  prepareDirectory(directory);
  const attributes = { 'service.name': service, [ATTR.SERVICE_INSTANCE_ID]: randomUUID(), [ATTR.PROCESS_PID]: pid, [ATTR.PROCESS_SPACE]: processSpace(), [ATTR.PROCESS_CREATION_TIME]: new Date(at - 1000).toISOString() };
  const prefix = resourcePrefix({ attributes });
  const rollup = new Rollup({ onDropped: () => {}, now: () => at });
  const traceId = randomBytes(16).toString('hex');
  const ids: string[] = [];
  const lines: string[] = [];
  for (let i = 1; i <= count; i++) {
    const context = { traceId, spanId: randomBytes(8).toString('hex'), traceFlags: 1 };
    const own = { [ATTR.SPAWN_KIND]: 'spawn', [ATTR.PROCESS_EXECUTABLE_NAME]: 'tool', [ATTR.SEQUENCE]: i };
    rollup.record(SPAWN_DURATION, 0.01, own, context);
    ids.push(context.spanId);
    lines.push(
      spanLine(
        {
          name: 'tool',
          kind: PROCESS_SPAWN.spanKind,
          spanContext: () => context,
          startTime: time(at - 10),
          endTime: time(at),
          status: { code: 0 },
          attributes: own,
          links: [],
          events: [],
          droppedAttributesCount: 0,
          droppedEventsCount: 0,
          droppedLinksCount: 0,
          instrumentationScope: SCOPE,
        },
        prefix,
      ),
    );
  }
  const tracePath = append(directory, 'traces', at, lines);
  const rollupPath = hourFile(directory, 'rollups', at, hostId());
  if (numbers) append(directory, 'rollups', at, [deltaLine(rollup.takeDelta(), { resource: keyValues(attributes), sequence: count, final })]);
  return { ids, tracePath, rollupPath };
}

export function append(directory: string, signal: 'traces' | 'rollups', at: number, lines: readonly string[]): string {
  const path = hourFile(directory, signal, at, hostId());
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

function time(milliseconds: number): [number, number] {
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6];
}

/** `spoor ship`, with a timeout that lets no request be retried within the transport. */
export function ship(directory: string, url: string, { args = [], env = {} }: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {}): Promise<Result> {
  return run(process.execPath, [CLI, 'ship', '--dir', directory, ...args], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '700', ...env } });
}

/** Bytes of spans and numbers that are left. */
export function left(directory: string): number {
  const { traces, metrics } = shipStatus(directory);
  return traces.unsentBytes + metrics.unsentBytes;
}

export function setAside(directory: string): string[] {
  try {
    return readFileSync(`${directory}/ship/set-aside.jsonl`, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

export const TOOL = 'spoor.spawn.duration spawn tool';
export const dropped = (reason: string): string => `spoor.telemetry.dropped ${reason}`;

/** The same within this process, where nobody asks what it says. @returns what stopped it */
export async function shipHere(directory: string, url: string, { compacts = false, ...settings }: Partial<ShipSettings> & { readonly compacts?: boolean } = {}): Promise<Stop | undefined> {
  const before = { ...process.env };
  Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '700', OTEL_LOG_LEVEL: 'none' });
  const lease = new Lease(directory);
  if (!lease.take()) throw new Error('somebody else holds the lease');
  const { config } = loadConfig({}, directory);
  const shipper = new Shipper({ directory, lease, settings: { ...shipSettings(config), ...settings }, signals: ['traces', 'metrics'], resource: ownResource() });
  try {
    if (!compacts) return await shipper.once();
    const running = shipper.run();
    await until(() => left(directory) === 0);
    await shipper.end(1_000);
    await running;
    return undefined;
  } finally {
    shipper.close();
    process.env = before;
  }
}

/** Waits for what another part of the program, or another process, brings about; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
