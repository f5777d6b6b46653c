// @ts-check
import { operationDuel } from '../harness/operations.js';

const OFF = { SPOOR_FILES: 'off', OTEL_LOG_LEVEL: 'none' };

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'selector-resolve', subject: 'selectors.resolve with three strategies: spans, numbers, rollup', baseline: 'three bare SDK spans and their parent', limit: 1.5, unit: 'µs CPU' },
    { name: 'selector-event', subject: 'one event through selectors.start and end, its line and numbers written', baseline: 'bare SDK span', limit: 3, unit: 'µs CPU' },
  ],
  async *measure(bench) {
    yield await operationDuel(bench, { subject: ['selectors.js'], baseline: ['bare-selectors.js'], env: OFF });
    const event = await operationDuel(bench, { subject: ['selectors.js', 'event'], baseline: ['bare-selectors.js', 'event'] });
    const each = event.map(({ subject }) => subject).sort((a, b) => a - b)[event.length >> 1] ?? NaN;
    bench.say(`selector-event: ${Math.round(1e6 / each).toLocaleString('en-US')} events a second of one core`);
    yield event;
  },
};
