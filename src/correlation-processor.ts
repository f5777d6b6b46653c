/** Puts the correlation id on every span, whoever made it. */
import type { Context, Span } from '@opentelemetry/api';
import { ATTR } from './conventions.ts';
import { correlation } from './correlation.ts';

/**
 * A span processor for an app's own SDK (2.x or 3.x): `new NodeSDK({ spanProcessors: [new CorrelationSpanProcessor(), …] })`.
 * Under `spoor/register` the spans that spoor writes have the id already.
 */
export class CorrelationSpanProcessor {
  onStart(span: Span, parent: Context): void {
    span.setAttribute(ATTR.CORRELATION_ID, correlation.id(parent) ?? span.spanContext().traceId);
  }
  onEnd(): void {}
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
