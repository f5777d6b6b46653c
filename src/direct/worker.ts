/**
 * The exporting thread: the SDK's own OTLP/HTTP exporters, which are heavy, beside the app instead of in it.
 * They read the standard `OTEL_EXPORTER_OTLP_*` variables themselves. The thread is unref'd by the app's side
 * and ends with the process (an unref'd `parentPort` here would end it too early).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { parentPort, workerData } from 'node:worker_threads';
import type { SpanContext, TraceState } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { SCOPE } from '../conventions.ts';
import { NEVER_CONNECTED } from '../http-retry.ts';
import { metricPreferences } from '../ship/endpoints.ts';
import { byCode, byStatus, clean } from '../ship/outcome.ts';
import { withExplicitBuckets } from './explicit.ts';
import { CELL, type DirectWorkerData, type Message, type PlainContext, type PlainSpan } from './messages.ts';

type Spans = Parameters<OTLPTraceExporter['export']>[0];
type Metrics = Parameters<OTLPMetricExporter['export']>[0];

const MAX_BATCH = 512;
/** Requests for spans at once. A collector that does not answer makes batches fuller, not requests more. */
const MAX_REQUESTS = 4;

const { resource: attributes, cells, words } = workerData as DirectWorkerData;
const resource = { attributes, merge: () => resource, getRawAttributes: () => [] } as unknown as Metrics['resource'];
const traces = new OTLPTraceExporter();
const metrics = new OTLPMetricExporter();
const { isExplicit } = metricPreferences();

let waiting: PlainSpan[] = [];
const requests = new Set<Promise<void>>();
let spanRequests = 0;

/** Gives the request up that runs within. */
const giveUp = new AsyncLocalStorage<(error: Error) => void>();
/** Those of requests that came to no connection, and are to be tried again, with what was said of it. */
const unconnected = new Map<(error: Error) => void, Error>();
let ending = false;

subscribe('http.client.request.error', (message) => {
  const { error } = message as { error: NodeJS.ErrnoException };
  const { code = '' } = error;
  const give = giveUp.getStore();
  if (give === undefined || !NEVER_CONNECTED.test(code)) return;
  unconnected.set(give, error);
  // The transport tries again after a second, which is most of what the process waits.
  if (ending) giveUpUnconnected();
});

function giveUpUnconnected(): void {
  for (const [give, error] of unconnected) give(error);
  unconnected.clear();
}

function sendSpans(): void {
  while (waiting.length > 0 && spanRequests < MAX_REQUESTS) {
    const batch = waiting.slice(0, MAX_BATCH);
    waiting = waiting.slice(MAX_BATCH);
    spanRequests++;
    request(
      batch.length,
      (done) => traces.export(batch.map(readable) as unknown as Spans, done),
      () => {
        spanRequests--;
        sendSpans();
      },
    );
  }
}

function sendMetrics(list: readonly MetricData[]): void {
  const converted = isExplicit ? list.map(withExplicitBuckets) : [...list];
  request(0, (done) => metrics.export({ resource, scopeMetrics: [{ scope: SCOPE, metrics: converted }] }, done), () => {});
}

function request(spans: number, send: (done: (result: { code: number; error?: Error }) => void) => void, then: () => void): void {
  const sent = new Promise<boolean>((resolve) => {
    const give = (error: Error | undefined): void => {
      say(error);
      if (spans === 0) Atomics.add(cells, CELL.UNCOUNTED, 1);
      resolve(false);
    };
    try {
      giveUp.run(give, () =>
        send(({ code, error }) => {
          unconnected.delete(give);
          if (code === 0) resolve(true);
          else give(error);
        }),
      );
    } catch (error) {
      give(error as Error);
    }
  }).then((well) => {
    Atomics.add(cells, well ? CELL.SENT : CELL.FAILED, spans);
    requests.delete(sent);
    then();
  });
  requests.add(sent);
}

/** Nobody else would: what the exporters log goes nowhere. */
function say(error: (Error & { code?: unknown; data?: unknown }) | undefined): void {
  const { code, message = 'it failed', data } = error ?? {};
  const said = clean(`${message}${typeof data === 'string' && data !== '' ? `: ${data}` : ''}`);
  const why = typeof code === 'number' ? byStatus(code, said) : typeof code === 'string' ? byCode(code, said, true) : { said };
  Atomics.store(cells, CELL.WORDS, new TextEncoder().encodeInto(why.said, words).written);
}

function readable({ context, parent, links, ...rest }: PlainSpan): object {
  const own = spanContext(context);
  return {
    ...rest,
    resource,
    spanContext: () => own,
    parentSpanContext: parent && spanContext(parent),
    links: links.map((link) => ({ ...link, context: spanContext(link.context) })),
  };
}

function spanContext({ traceState, ...rest }: PlainContext): SpanContext {
  return traceState === undefined ? rest : { ...rest, traceState: { serialize: () => traceState } as TraceState };
}

async function idle(): Promise<void> {
  while (requests.size > 0) await Promise.all(requests);
}

parentPort?.on('message', (message: Message) => {
  if (message.spans !== undefined) waiting.push(...message.spans);
  sendSpans();
  if (message.metrics !== undefined) sendMetrics(message.metrics);
  if (message.flush !== undefined) void idle().then(() => parentPort?.postMessage(message.flush));
  if (message.end) {
    ending = true;
    // What is sent now tells whether the backend has come meanwhile.
    if (message.spans === undefined && message.metrics === undefined) giveUpUnconnected();
    void idle().then(() => {
      Atomics.store(cells, CELL.ENDED, 1);
      Atomics.notify(cells, CELL.ENDED);
    });
  }
});
