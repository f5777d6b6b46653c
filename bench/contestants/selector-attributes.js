// @ts-check
/** What the resolved selectors and the bare spans have in common: names, strategies and what a span says of them. */
import { ATTR, SELECTOR_OPERATION } from '../../dist/src/conventions.js';

const NAMES = ['checkout.submit', 'checkout.email', 'nav.home', 'nav.cart', 'search.query', 'search.result', 'cart.row', 'cart.total'];
const FOUND = { id: 1 };

export const KIND = SELECTOR_OPERATION.spanKind;

/** @param {number} i */
export const nameOf = (i) => /** @type {string} */ (NAMES[i & 7]);

/** Two that find nothing, and one that does: asynchronous, as a browser is. */
export const strategies = [
  { name: 'testid', find: async () => null },
  { name: 'role', find: async () => null },
  { name: 'css', find: async () => FOUND },
];

/** One event, as an engine without strategies records it. @param {number} i */
export function eventAttributes(i) {
  return {
    [ATTR.SELECTOR_OPERATION]: 'resolve',
    [ATTR.SELECTOR_NAME]: nameOf(i),
    [ATTR.SELECTOR_DRIVER]: 'engine',
    [ATTR.SELECTOR_STRATEGY]: 'css',
    [ATTR.SELECTOR_OUTCOME]: 'completed',
    [ATTR.SELECTOR_MATCH_COUNT]: 1,
  };
}

/** @param {number} i @param {string} strategy @param {number} attempt @param {boolean} found */
export function attemptAttributes(i, strategy, attempt, found) {
  return {
    [ATTR.SELECTOR_OPERATION]: 'attempt',
    [ATTR.SELECTOR_NAME]: nameOf(i),
    [ATTR.SELECTOR_STRATEGY]: strategy,
    [ATTR.SELECTOR_DRIVER]: 'engine',
    [ATTR.SELECTOR_OUTCOME]: found ? 'completed' : 'failed',
    [ATTR.SELECTOR_ATTEMPT]: attempt,
    [ATTR.SELECTOR_MATCH_COUNT]: found ? 1 : 0,
  };
}

/** @param {number} i */
export function resolveAttributes(i) {
  return {
    [ATTR.SELECTOR_OPERATION]: 'resolve',
    [ATTR.SELECTOR_NAME]: nameOf(i),
    [ATTR.SELECTOR_DRIVER]: 'engine',
    [ATTR.SELECTOR_OUTCOME]: 'completed',
    [ATTR.SELECTOR_STRATEGY]: 'css',
    [ATTR.SELECTOR_EXPECTED]: 'one',
    [ATTR.SELECTOR_STRATEGIES]: ['testid', 'role', 'css'],
    [ATTR.SELECTOR_STRATEGY_TIMES]: [0.001, 0.002, 0.003],
    [ATTR.SELECTOR_PRIMARY]: 'testid',
    [ATTR.SELECTOR_SECONDARY]: 'role',
    [ATTR.SELECTOR_ATTEMPT_COUNT]: 3,
    [ATTR.SELECTOR_SWITCH_COUNT]: 2,
    [ATTR.SELECTOR_FALLBACK]: true,
    [ATTR.SELECTOR_MATCH_COUNT]: 1,
    [ATTR.SELECTOR_WAIT_TIME]: 0.006,
    [ATTR.SELECTOR_CONFIDENCE]: 0.6,
    [ATTR.SELECTOR_CONFIDENCE_SOURCE]: 'estimated',
  };
}
