// @ts-check
import { operationDuel } from '../harness/operations.js';

/**
 * A spawn has two lines, of its start and of its end. The limit is for the trace line; both together are shown
 * beside it.
 * @type {import('../harness/case.js').Case}
 */
export default {
  rows: [
    { name: 'operation-line', subject: 'the same, its trace line and the numbers written', baseline: 'bare SDK span', limit: 3, unit: 'µs CPU' },
    { name: 'operation-lines', subject: 'the same, and a line at its start', baseline: 'bare SDK span', unit: 'µs CPU' },
  ],
  async *measure(bench) {
    yield await operationDuel(bench, { subject: ['operation.js', 'without-start-line'], baseline: ['bare-span.js'] });
    yield await operationDuel(bench, { subject: ['operation.js'], baseline: ['bare-span.js'] });
  },
};
