// @ts-check
import { operationDuel } from '../harness/operations.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'operation-histogram', subject: 'the same', baseline: 'bare SDK span and one SDK histogram record', limit: 0.75, unit: 'µs CPU' }],
  async *measure(bench) {
    yield await operationDuel(bench, { subject: ['operation.js'], baseline: ['bare-span.js', 'histogram'], env: { SPOOR_FILES: 'off', OTEL_LOG_LEVEL: 'none' } });
  },
};
