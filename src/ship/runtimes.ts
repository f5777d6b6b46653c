import { ATTR } from '../conventions.ts';
import type { KeyValue } from '../rollup/request.ts';
import { runtimeId } from '../rollup/runtime-id.ts';
import { isRunning } from '../store/process-identity.ts';
import { operationIn, spanNumbers, type SpanNumber } from './span-numbers.ts';

/** What is known of a process (or worker thread) that writes to the directory. */
interface Runtime {
  /** Its operations up to this number are folded. */
  sequence: number;
  /** Its numbers are complete. */
  final: boolean;
  /** Epoch milliseconds at which it was last heard. */
  heard: number;
  pid: number;
  /** Where its id means something, and since when it is its own; lines of older versions do not say it. */
  space: string | undefined;
  /** Epoch milliseconds. */
  created: number;
  /** Kept with the first that waits: most runtimes have none. */
  resource: readonly KeyValue[];
  /** By their numbers: operations that no rollup line has counted yet. */
  readonly waiting: Map<number, readonly SpanNumber[]>;
}

/** Where nobody here can look after a process, it counts as gone after so much silence, in milliseconds. */
const SILENCE = 3_600_000;

/** The processes of a directory: how far their numbers are folded, and whether they are still there. */
export class Runtimes {
  readonly #runtimes = new Map<string, Runtime>();

  /** Of a line by this runtime. */
  hear(resource: readonly KeyValue[], now: number): string | undefined {
    const id = runtimeId((key) => textOf(resource, key));
    if (id === undefined) return undefined;
    const runtime = this.#get(id);
    const isNew = runtime.heard === 0;
    runtime.heard = now;
    if (isNew) {
      runtime.pid = Number(resource.find(({ key }) => key === ATTR.PROCESS_PID)?.value.intValue ?? 0);
      runtime.space = textOf(resource, ATTR.PROCESS_SPACE);
      runtime.created = Date.parse(textOf(resource, ATTR.PROCESS_CREATION_TIME) ?? '') || 0;
    }
    return id;
  }

  /** Its operations up to this one are folded. */
  reaches(id: string, sequence: number, final: boolean): void {
    const runtime = this.#get(id);
    if (sequence > runtime.sequence) runtime.sequence = sequence;
    runtime.final ||= final;
    for (const waiting of runtime.waiting.keys()) if (runtime.final || waiting <= runtime.sequence) runtime.waiting.delete(waiting);
  }

  /** Keeps the numbers of an operation that is ahead of its runtime's lines. */
  span(buffer: Buffer, start: number, end: number, now: number): void {
    const operation = operationIn(buffer, start, end);
    if (operation === undefined) return;
    const runtime = this.#runtimes.get(operation.runtime);
    if (runtime !== undefined && (runtime.final || operation.sequence <= runtime.sequence || runtime.waiting.has(operation.sequence))) return;
    const found = spanNumbers(buffer.toString('utf8', start, end));
    if (found === undefined || this.hear(found.resource, now) !== operation.runtime) return;
    const { waiting } = Object.assign(this.#get(operation.runtime), { resource: found.resource });
    waiting.set(operation.sequence, found.numbers);
  }

  /** Those that are at their end or gone, now. */
  departed(now: number): string[] {
    const processes = new Map<string, boolean | undefined>();
    const isThere = (pid: number, space: string | undefined, created: number): boolean | undefined => {
      const key = `${pid} ${space} ${created}`;
      if (!processes.has(key)) processes.set(key, isRunning(pid, space ?? '', created || Infinity));
      return processes.get(key);
    };
    return Array.from(this.#runtimes).flatMap(([id, { final, pid, space, created, heard }]) => {
      if (final) return id;
      const there = isThere(pid, space, created);
      if (there !== undefined) return there ? [] : id;
      // Of those that only a compacted line names nothing more can come.
      return heard > 0 && Math.abs(now - heard) < SILENCE ? [] : id;
    });
  }

  /** Forgets runtimes, and gives the operations that they could not count themselves. */
  forget(ids: readonly string[]): { readonly resource: readonly KeyValue[]; readonly numbers: readonly SpanNumber[] }[] {
    return ids.flatMap((id) => {
      const runtime = this.#runtimes.get(id);
      this.#runtimes.delete(id);
      return runtime === undefined || runtime.waiting.size === 0 ? [] : { resource: runtime.resource, numbers: [...runtime.waiting.values()].flat() };
    });
  }

  isFinal(id: string): boolean {
    return this.#runtimes.get(id)?.final === true;
  }

  save(): SavedRuntimes {
    return Array.from(this.#runtimes, ([id, runtime]) => [id, { ...runtime, waiting: [...runtime.waiting] }] as const);
  }

  restore(saved: SavedRuntimes): void {
    for (const [id, runtime] of saved) this.#runtimes.set(id, { ...runtime, waiting: new Map(runtime.waiting) });
  }

  #get(id: string): Runtime {
    let runtime = this.#runtimes.get(id);
    if (runtime === undefined) this.#runtimes.set(id, (runtime = { sequence: 0, final: false, heard: 0, pid: 0, space: undefined, created: 0, resource: [], waiting: new Map() }));
    return runtime;
  }
}

type SavedRuntime = Omit<Runtime, 'waiting'> & { readonly waiting: readonly (readonly [number, readonly SpanNumber[]])[] };
export type SavedRuntimes = readonly (readonly [string, SavedRuntime])[];

function textOf(attributes: readonly KeyValue[], key: string): string | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value.stringValue;
}
