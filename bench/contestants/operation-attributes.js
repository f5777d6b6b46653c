// @ts-check
/** What the operations and the bare spans have in common: a child process's kind, names and attributes. */
import { ATTR, PROCESS_SPAWN } from '../../dist/src/conventions.js';

const EXECUTABLES = ['git', 'node', 'sh', 'tsc', 'esbuild', 'make', 'python3', 'rg'];

export const KIND = PROCESS_SPAWN;

/** @param {number} i */
export const nameOf = (i) => /** @type {string} */ (EXECUTABLES[i & 7]);

/** A new object for each operation, as an instrumentation makes it. @param {number} i */
export function attributesOf(i) {
  return {
    [ATTR.SPAWN_KIND]: 'spawn',
    [ATTR.PROCESS_EXECUTABLE_NAME]: nameOf(i),
    [ATTR.SPAWN_ARGUMENT_COUNT]: 3,
    [ATTR.PROCESS_PID]: 12_345,
    [ATTR.PROCESS_EXIT_CODE]: 0,
  };
}

/** Those of them that are metric attributes. @param {number} i */
export function metricAttributesOf(i) {
  return { [ATTR.SPAWN_KIND]: 'spawn', [ATTR.PROCESS_EXECUTABLE_NAME]: nameOf(i) };
}
