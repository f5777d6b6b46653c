// @ts-check
/** The baseline of the selector rows: the same spans by the SDK alone, with the same attributes, no processor. */
import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-node';
import { contestant } from '../harness/contestant.js';
import { KIND, attemptAttributes, eventAttributes, nameOf, resolveAttributes, strategies } from './selector-attributes.js';

const tracer = new BasicTracerProvider().getTracer('bench');
const kind = KIND;

/** @param {number} count */
async function resolve(count) {
  for (let i = 0; i < count; i++) {
    const parent = tracer.startSpan(`resolve ${nameOf(i)}`, { kind });
    const context = trace.setSpan(ROOT_CONTEXT, parent);
    for (let at = 0; at < strategies.length; at++) {
      const strategy = /** @type {typeof strategies[number]} */ (strategies[at]);
      const span = tracer.startSpan(`attempt ${nameOf(i)}`, { kind }, context);
      const found = (await strategy.find()) !== null;
      span.setAttributes(attemptAttributes(i, strategy.name, at + 1, found));
      if (!found) span.setAttribute('error.type', 'not_found').setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      if (found) break;
    }
    parent.setAttributes(resolveAttributes(i)).end();
  }
}

/** @param {number} count */
function event(count) {
  for (let i = 0; i < count; i++) tracer.startSpan(`resolve ${nameOf(i)}`, { kind, attributes: eventAttributes(i) }).end();
}

contestant(process.argv[2] === 'event' ? event : resolve);
