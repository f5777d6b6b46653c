// @ts-check
/** The subject of the operation rows: complete operations, through the runtime that a preloaded process has. */
import { createRequire } from 'node:module';
import { startOperation } from '../../dist/src/operation.js';
import { provideRuntime } from '../../dist/src/runtime.js';
import { contestant } from '../harness/contestant.js';
import { KIND, attributesOf, nameOf } from './operation-attributes.js';

const { createRuntime } = createRequire(import.meta.url)('../../dist/runtime.cjs');
provideRuntime(createRuntime);
const kind = process.argv[2] === 'without-start-line' ? { ...KIND, logsStart: false } : KIND;

contestant((count) => {
  for (let i = 0; i < count; i++) startOperation(kind, nameOf(i), { attributes: attributesOf(i) }).end();
});
