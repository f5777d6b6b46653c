// @ts-check
/** The subject of the selector rows: `resolve` with three strategies, or with `event` one operation begun and ended. */
import { createRequire } from 'node:module';
import { provideRuntime } from '../../dist/src/runtime.js';
import { selectors } from '../../dist/src/selectors/selectors.js';
import { contestant } from '../harness/contestant.js';
import { nameOf, strategies } from './selector-attributes.js';

const { createRuntime } = createRequire(import.meta.url)('../../dist/runtime.cjs');
provideRuntime(createRuntime);

/** @param {number} count */
async function resolve(count) {
  for (let i = 0; i < count; i++) await selectors.resolve(nameOf(i), { driver: 'engine', strategies });
}

/** @param {number} count */
function event(count) {
  for (let i = 0; i < count; i++) selectors.start(nameOf(i), { driver: 'engine', strategy: 'css' }).end({ found: 1 });
}

contestant(process.argv[2] === 'event' ? event : resolve);
