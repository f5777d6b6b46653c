/** Which methods of Puppeteer's are operations, and of what kind. */
import type { OperationClass } from '../selectors/selector-operation.ts';

export const WAITS = /^wait/;
export const QUERIES = new Set(['$', '$$', '$eval', '$$eval', 'evaluate', 'isVisible', 'isHidden', 'isIntersectingViewport', 'boundingBox', 'boxModel', 'contentFrame']);
/** Those whose first argument is a selector, on whatever they are called. */
export const FINDING = new Set(['$', '$$', '$eval', '$$eval', 'waitForSelector']);
/** No operations, but the app is given handles by them. */
export const GIVING = new Set(['evaluateHandle', 'frameElement', 'toElement']);
/** Inner calls by which an operation does what it is for: it has waited until then. */
export const ACTING = new Set(['click', 'hover', 'type', 'select']);

export const classOf = (name: string): OperationClass => (WAITS.test(name) ? 'wait' : QUERIES.has(name) ? 'query' : 'action');

/** A selector that is an argument; Puppeteer takes nothing else for one. */
export const selectorIn = (argument: unknown): string | undefined => (typeof argument === 'string' ? argument : undefined);
