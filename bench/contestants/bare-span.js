// @ts-check
/** The baseline of the operation rows: a span of the SDK alone, no processor; with `histogram`, one record too. */
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-node';
import { contestant } from '../harness/contestant.js';
import { KIND, attributesOf, metricAttributesOf, nameOf } from './operation-attributes.js';

const tracer = new BasicTracerProvider().getTracer('bench');
const kind = KIND.spanKind;

/** @param {number} count */
function spans(count) {
  for (let i = 0; i < count; i++) tracer.startSpan(nameOf(i), { kind, attributes: attributesOf(i) }).end();
}

function spansWithHistogram() {
  // Without a reader the SDK's instruments do nothing.
  class Reader extends MetricReader {
    constructor() {
      super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
    }
    async onForceFlush() {}
    async onShutdown() {}
  }
  const histogram = new MeterProvider({ readers: [new Reader()] }).getMeter('bench').createHistogram('duration', { unit: 's' });
  return (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) {
      const span = /** @type {import('@opentelemetry/sdk-trace-base').Span} */ (tracer.startSpan(nameOf(i), { kind, attributes: attributesOf(i) }));
      span.end();
      histogram.record(span.duration[0] + span.duration[1] / 1e9, metricAttributesOf(i));
    }
  };
}

contestant(process.argv[2] === 'histogram' ? spansWithHistogram() : spans);
