import { type Context, ROOT_CONTEXT, type SpanContext, createTraceState, propagation, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { carry, propagator } from '../../src/carrier.ts';
import { withCorrelation } from '../../src/correlation.ts';

const hex = (length: number) => fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((digits) => digits.join(''));
const spanContexts = fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.constantFrom(0, 1), traceState: fc.constantFrom(undefined, createTraceState('a=1,b=2'), createTraceState('')) });
const baggages = fc.dictionary(fc.string({ minLength: 1, unit: 'binary' }).filter(isWellFormed), fc.string({ unit: 'binary', maxLength: 3_000 }).filter(isWellFormed), { maxKeys: 4 });

/** Neither the propagator nor this package can encode half a character. */
function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

/** What the propagators themselves put into an environment. */
function injected(of: Context): Record<string, string> {
  const env: Record<string, string> = {};
  propagator.inject(withCorrelation(of), env, { set: (carrier, name, value) => (carrier[name.toUpperCase()] = value) });
  return env;
}

test('a child is given what the W3C propagators would give it', () => {
  fc.assert(
    fc.property(fc.option(spanContexts), fc.option(baggages), fc.boolean(), (span, entries, isSuppressed) => {
      let of = ROOT_CONTEXT;
      if (span) of = trace.setSpanContext(of, span as SpanContext);
      if (entries) of = propagation.setBaggage(of, propagation.createBaggage(Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, { value }]))));
      if (isSuppressed) of = suppressTracing(of);
      const { TRACESTATE = '', ...expected } = injected(of);
      const { TRACESTATE: state = '', ...given } = carry(of, { TRACEPARENT: 'stale', TRACESTATE: 'stale', BAGGAGE: 'stale' });
      expect(given).toEqual(expected);
      expect(state).toBe(TRACESTATE);
    }),
    { numRuns: 500 },
  );
});

test('what else the environment has is handed on', () => {
  const env = Object.create({ INHERITED: '1' }, { A: { value: 'b', enumerable: true }, NONE: { value: undefined, enumerable: true } }) as NodeJS.ProcessEnv;
  expect(carry(ROOT_CONTEXT, env)).toEqual({ INHERITED: '1', A: 'b' });
});
