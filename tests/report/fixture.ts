/** Lines as the runtime writes them, for what a reader has to make of them. */
import { mkdirSync, appendFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { resourcePrefix, spanLine } from '../../exporters/span-line.ts';
import { ATTR, type Instrument, SPAWN_DURATION } from '../../src/conventions.ts';
import { deltaLine } from '../../src/rollup/otlp.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { hostId } from '../../src/store/host.ts';
import { hourFile, type Signal } from '../../src/store/layout.ts';
import { processSpace } from '../../src/store/process-identity.ts';

export const HEX = (digits: number, of: number): string => of.toString(16).padStart(digits, '0');

export interface Spawned {
  readonly trace?: number;
  readonly span: number;
  readonly parent?: number;
  readonly name?: string;
  /** Epoch milliseconds. */
  readonly end?: number;
  readonly milliseconds?: number;
  readonly attributes?: Record<string, string | number | boolean>;
  /** Whose duration it is; default: a spawn's. */
  readonly kind?: Instrument;
}

/** A process that records: what it would have written, line by line. */
export class Writer {
  readonly directory: string;
  readonly #attributes: Record<string, string | number>;
  readonly #rollup: Rollup;
  readonly #host: string;
  readonly #now: () => number;
  sequence = 0;

  constructor(directory: string, id: string, options: { pid?: number; hostName?: string; host?: string; space?: string; now?: () => number } = {}) {
    this.directory = directory;
    // What is somewhere else is as older versions wrote it, which knew a place by its names.
    const space = options.space ?? ((options.host ?? options.hostName) === undefined ? processSpace() : undefined);
    this.#attributes = { 'service.instance.id': id, 'host.name': options.hostName ?? hostname(), 'process.pid': options.pid ?? process.pid, ...(space !== undefined && { [ATTR.PROCESS_SPACE]: space }) };
    this.#host = options.host ?? hostId();
    this.#now = options.now ?? Date.now;
    this.#rollup = new Rollup({ onDropped: () => {}, now: this.#now });
  }

  start({ trace = 1, span, parent, name = 'node', end = this.#now(), attributes = {} }: Spawned): void {
    const line = { traceId: HEX(32, trace), spanId: HEX(16, span), ...(parent !== undefined && { parentSpanId: HEX(16, parent) }), name, kind: 'process', startTimeUnixNano: `${end}000000`, resource: this.#attributes, attributes: attributesOf(name, attributes) };
    this.append('starts', JSON.stringify(line));
  }

  /** The span's line, and its number in memory. */
  end({ trace = 1, span, parent, name = 'node', end = this.#now(), milliseconds = 10, attributes = {}, kind = SPAWN_DURATION }: Spawned): void {
    this.sequence++;
    const all = { ...(kind === SPAWN_DURATION ? attributesOf(name, attributes) : attributes), 'spoor.sequence': this.sequence };
    const id = { traceId: HEX(32, trace), spanId: HEX(16, span), traceFlags: 1 };
    this.#rollup.record(kind, milliseconds / 1000, all, id);
    const line = spanLine(
      {
        name,
        kind: 2,
        spanContext: () => id,
        ...(parent !== undefined && { parentSpanContext: { traceId: id.traceId, spanId: HEX(16, parent), traceFlags: 1 } }),
        startTime: time(end - milliseconds),
        endTime: time(end),
        status: { code: attributes['error.type'] === undefined ? 0 : 2 },
        attributes: all,
        links: [],
        events: [],
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
        instrumentationScope: { name: 'spoor', version: '0.1.0' },
      },
      resourcePrefix({ attributes: this.#attributes }),
    );
    this.append('traces', line);
  }

  /** A number besides the duration, in memory. */
  number(instrument: Instrument, value: number, attributes: Record<string, string | number>): void {
    this.#rollup.record(instrument, value, attributes);
  }

  /** Writes the numbers so far. */
  delta({ final = false } = {}): void {
    const resource = JSON.stringify(Object.entries(this.#attributes).map(([key, value]) => ({ key, value: typeof value === 'number' ? { intValue: value } : { stringValue: value } })));
    this.append('rollups', deltaLine(this.#rollup.takeDelta(), { resource, sequence: this.sequence, final }));
  }

  append(signal: Signal, line: string): void {
    const path = hourFile(this.directory, signal, this.#now(), this.#host);
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${line}\n`);
  }
}

function attributesOf(name: string, attributes: NonNullable<Spawned['attributes']>): NonNullable<Spawned['attributes']> {
  return { 'spoor.spawn.kind': 'spawn', 'process.executable.name': name, ...attributes };
}

function time(epochMs: number): [number, number] {
  return [Math.floor(epochMs / 1000), Math.round((epochMs % 1000) * 1e6)];
}
