/** Programs that tests run with and without `spoor/register`; both runs have to print the same. */

/** Prints what the app's SDK saw, without ids; its ids go to stderr, for finding our parents among them. */
const REPORT = `
const ended = [];
const said = [];
const names = new Map();
const processor = {
  onStart(span) { names.set(span.spanContext().spanId, span.name); },
  onEnd(span) { ended.push(span); },
  forceFlush: async () => {},
  shutdown: async () => {},
};
function report(extra) {
  const spans = ended.map((s) => [s.instrumentationScope.name, s.name, names.get(s.parentSpanContext?.spanId ?? s.parentSpanId) ?? null]);
  console.log(JSON.stringify({ spans, said, ...extra }, null, 1));
  console.error('IDS ' + JSON.stringify(Object.fromEntries([...names].map(([id, name]) => [name, id]))));
}
`;

/** An app that builds a NodeSDK of its own, with spans, context, propagation, metrics and a logger. */
export const OWN_SDK = `
const { trace, context, propagation, metrics, diag } = require('@opentelemetry/api');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { PeriodicExportingMetricReader, InMemoryMetricExporter } = require('@opentelemetry/sdk-metrics');
const childProcess = require('node:child_process');
const workers = require('node:worker_threads');
${REPORT}
const note = (level) => (message) => said.push(level + ': ' + String(message).split('\\n')[0]);
const early = trace.getTracer('early');
diag.setLogger({ error: note('error'), warn: note('warn'), info() {}, debug() {}, verbose() {} });
const reader = new PeriodicExportingMetricReader({ exporter: new InMemoryMetricExporter(0), exportIntervalMillis: 1e8 });
const sdk = new NodeSDK({ spanProcessors: [processor], metricReaders: [reader], instrumentations: [], autoDetectResources: false });
sdk.start();
const late = trace.getTracer('late');
metrics.getMeter('m').createCounter('c').add(2);
const results = { recording: [], carrier: [] };
early.startActiveSpan('outer', async (outer) => {
  results.recording.push(outer.isRecording());
  childProcess.execFileSync('true');
  await new Promise((done) => childProcess.execFile('true', done));
  late.startActiveSpan('inner', (inner) => {
    results.active = trace.getActiveSpan() === inner;
    const carrier = {};
    propagation.inject(context.active(), carrier);
    results.carrier.push(Object.keys(carrier));
    inner.end();
  });
  await new Promise((done) => new workers.Worker('0', { eval: true }).on('exit', done));
  results.activeAfter = trace.getActiveSpan() === outer;
  outer.end();
  childProcess.execFileSync('true');
  await reader.forceFlush();
  results.metrics = reader._exporter.getMetrics().flatMap((r) => r.scopeMetrics.flatMap((s) => s.metrics.map((m) => [s.scope.name, m.descriptor.name, m.dataPoints[0].value])));
  await sdk.shutdown();
  results.managers = [context._getContextManager().constructor.name, trace.getTracerProvider().constructor.name];
  report(results);
});
`;

/** An app that uses the API and has no SDK. */
export const NO_SDK = `
const { trace, context, propagation, SpanStatusCode } = require('@opentelemetry/api');
const { execFileSync } = require('node:child_process');
const { EventEmitter } = require('node:events');
const tracer = trace.getTracer('app', '1.2.3');
tracer.startActiveSpan('outer', { attributes: { a: 1 } }, (outer) => {
  execFileSync('true');
  tracer.startSpan('inner').end();
  tracer.startSpan('other root', { root: true }).end();
  const carrier = {};
  propagation.inject(context.active(), carrier);
  const emitter = context.bind(context.active(), new EventEmitter());
  let heard = 0;
  const listener = () => heard++;
  emitter.on('x', listener);
  emitter.once('x', listener);
  emitter.removeListener('x', listener);
  emitter.once('x', () => tracer.startSpan('heard').end());
  context.with(trace.deleteSpan(context.active()), () => { emitter.emit('x'); emitter.emit('x'); });
  setTimeout(() => {
    tracer.startSpan('later').end();
    outer.setStatus({ code: SpanStatusCode.ERROR });
    outer.end();
    console.log(JSON.stringify({ carrier: Object.keys(carrier), heard, left: emitter.listenerCount('x') }));
  }, 1);
});
`;

/** Spans by an SDK that something preloaded has set up before the program. */
export const PRELOADED_SDK = `
const { trace, context } = require('@opentelemetry/api');
const { execFileSync } = require('node:child_process');
trace.getTracer('app').startActiveSpan('outer', (outer) => {
  execFileSync('true');
  console.log(JSON.stringify({
    recording: outer.isRecording(), active: trace.getActiveSpan() === outer,
    manager: context._getContextManager().constructor.name, span: outer.constructor.name, ours: 'spoor.correlation.id' in (outer.attributes ?? {}),
  }));
  console.error('IDS ' + JSON.stringify({ outer: outer.spanContext().spanId }));
  outer.end();
});
`;
