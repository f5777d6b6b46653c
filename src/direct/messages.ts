/** What the app's thread and the exporting thread say to each other: plain data that can be cloned. */
import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { EndedSpan } from '../runtime.ts';

export interface PlainContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
  /** Serialized. */
  readonly traceState?: string;
}

export interface PlainSpan extends Omit<EndedSpan, 'spanContext' | 'parentSpanContext' | 'links'> {
  readonly context: PlainContext;
  readonly parent: PlainContext | undefined;
  readonly links: readonly { readonly context: PlainContext; readonly attributes?: Attributes; readonly droppedAttributesCount: number }[];
}

export interface Message {
  readonly spans?: readonly PlainSpan[];
  readonly metrics?: readonly MetricData[];
  /** Answer with this number when everything received so far is sent or given up. */
  readonly flush?: number;
  /** The process waits: the same, and then set `CELL.ENDED`. */
  readonly end?: true;
}

export interface DirectWorkerData {
  /** The worker instrumentation leaves a worker with this mark alone. */
  readonly spoorInternal: true;
  readonly resource: Readonly<Record<string, unknown>>;
  /** Int32 cells, see {@link CELL}: readable also where no event loop turns. */
  readonly cells: Int32Array;
  /** Why the last request that failed did, `CELL.WORDS` bytes of it: readable in the same way. */
  readonly words: Uint8Array;
}

/** `SENT` and `FAILED` are of spans, `UNCOUNTED` is how many requests of numbers failed. */
export const CELL = { ENDED: 0, SENT: 1, FAILED: 2, UNCOUNTED: 3, WORDS: 4, COUNT: 5 } as const;
/** Bytes that `words` has at most. */
export const MOST_WORDS = 512;
