// @ts-check
/** All cases, in the order in which they are shown. */
import growth from './growth.js';
import openOperations from './open-operations.js';
import operationAgainstHistogram from './operation-against-histogram.js';
import operationWritten from './operation-written.js';
import operation from './operation.js';

/** @type {readonly import('../harness/case.js').Case[]} */
export const cases = [operation, operationAgainstHistogram, operationWritten, openOperations, growth];
