// @ts-check
import { operationDuel } from '../harness/operations.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'operation', subject: 'operation: span, numbers, rollup', baseline: 'bare SDK span', limit: 1.4, unit: 'µs CPU' }],
  async *measure(bench) {
    yield await operationDuel(bench, { subject: ['operation.js'], baseline: ['bare-span.js'], env: { SPOOR_FILES: 'off', OTEL_LOG_LEVEL: 'none' } });
  },
};
