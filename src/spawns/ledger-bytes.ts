/**
 * The decisions as they stand in the file: one JSON line each, in one buffer, so that a new decision costs
 * its own serialisation and one write, whatever the number of decisions held.
 */
import { MAX_ROUTING_DECISIONS, type RoutingDecision } from './ledger-schema.ts';

const SEPARATOR = ',\n';

export class LedgerBytes {
  #buffer: Buffer;
  #start = 0;
  #end: number;
  /** Bytes of each decision, its separator included. */
  readonly #lengths: number[];

  constructor(decisions: readonly RoutingDecision[]) {
    const lines = decisions.map((decision) => Buffer.from(serialised(decision)));
    this.#lengths = lines.map((line) => line.length);
    this.#buffer = Buffer.concat(lines);
    this.#end = this.#buffer.length;
  }

  /** All decisions, without the last separator. Valid until the next change. */
  get content(): Buffer {
    return this.#buffer.subarray(this.#start, Math.max(this.#start, this.#end - SEPARATOR.length));
  }

  push(decision: RoutingDecision): void {
    const line = serialised(decision);
    const length = Buffer.byteLength(line);
    if (this.#end + length > this.#buffer.length) this.#makeRoom(length);
    this.#buffer.write(line, this.#end);
    this.#end += length;
    this.#lengths.push(length);
    while (this.#lengths.length > MAX_ROUTING_DECISIONS) this.#start += this.#lengths.shift()!;
  }

  replace(index: number, decision: RoutingDecision): void {
    let at = this.#start;
    for (let before = 0; before < index; before++) at += this.#lengths[before]!;
    const line = Buffer.from(serialised(decision));
    const after = this.#buffer.subarray(at + this.#lengths[index]!, this.#end);
    this.#buffer = Buffer.concat([this.#buffer.subarray(this.#start, at), line, after]);
    this.#lengths[index] = line.length;
    this.#start = 0;
    this.#end = this.#buffer.length;
  }

  /** Moves to a buffer twice the size of what is held: rarely, however long it goes on. */
  #makeRoom(length: number): void {
    const held = this.#buffer.subarray(this.#start, this.#end);
    const larger = Buffer.allocUnsafeSlow(Math.max(4096, (held.length + length) * 2));
    held.copy(larger);
    this.#buffer = larger;
    this.#start = 0;
    this.#end = held.length;
  }
}

function serialised(decision: RoutingDecision): string {
  return `${JSON.stringify(decision) ?? 'null'}${SEPARATOR}`;
}
