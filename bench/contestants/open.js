// @ts-check
/** Holds as many open operations (or, with `bare`, open spans of the SDK) as it is asked for, and says what heap they keep. */
import { createRequire } from 'node:module';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-node';
import { startOperation } from '../../dist/src/operation.js';
import { provideRuntime } from '../../dist/src/runtime.js';
import { contestant } from '../harness/contestant.js';
import { KIND, attributesOf, nameOf } from './operation-attributes.js';

/** @type {(i: number) => object} */
let open;
if (process.argv[2] === 'bare') {
  const tracer = new BasicTracerProvider().getTracer('bench');
  open = (i) => tracer.startSpan(nameOf(i), { kind: KIND.spanKind, attributes: attributesOf(i) });
} else {
  const { createRuntime } = createRequire(import.meta.url)('../../dist/runtime.cjs');
  provideRuntime(createRuntime);
  open = (i) => startOperation(KIND, nameOf(i), { attributes: attributesOf(i) });
}

/** @type {object[]} */
let kept = [];
let heap = 0;

const collected = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

contestant(
  (count) => {
    kept = Array.from({ length: count });
    const before = collected();
    for (let i = 0; i < count; i++) kept[i] = open(i);
    heap = collected() - before;
  },
  () => ({ heap }),
);
