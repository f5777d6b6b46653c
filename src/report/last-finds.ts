/**
 * Whether a selector has found nothing any more, so often that it is no accident. Told of its operations in any
 * order, because files of several hosts and processes have none: those that found nothing count when they began
 * after the last that found something had ended.
 */
import { ATTR } from '../conventions.ts';
import type { PlainAttributes } from './otlp.ts';

/** So many, and no other after them. */
const DEAD_AFTER = 5;

/** Errors of a selector that finds nothing to work with. Any other came when the element was there, or says nothing of it. */
const NOTHING: ReadonlySet<unknown> = new Set(['not_found', 'invalid_selector', 'ambiguous', 'validation_failed']);

export class LastFinds {
  /** Epoch milliseconds, as all here. */
  #found = -Infinity;
  /** The latest that found nothing, ascending. */
  readonly #nothing: number[] = [];

  get areNone(): boolean {
    return this.#nothing.length === DEAD_AFTER && this.#nothing[0]! >= this.#found;
  }

  /** A point of the numbers: all that is known of its operations is the time within which they were. */
  addPoint(errorType: string | undefined, count: number, start: number, end: number): void {
    if (NOTHING.has(errorType)) for (let i = 0; i < Math.min(count, DEAD_AFTER); i++) this.#foundNothing(start);
    else this.found(end);
  }

  addSpan(attributes: PlainAttributes, start: number, end: number): void {
    if (!NOTHING.has(attributes[ATTR.ERROR_TYPE]) || wasFoundBefore(attributes)) this.found(end);
    // Those after it that found something would have no span.
    else if (attributes[ATTR.SELECTOR_FAILURES_ONLY] !== true) this.#foundNothing(start);
  }

  found(time: number): void {
    this.#found = Math.max(this.#found, time);
  }

  #foundNothing(time: number): void {
    const latest = this.#nothing;
    if (latest.length === DEAD_AFTER && time <= latest[0]!) return;
    latest.push(time);
    latest.sort((a, b) => a - b);
    if (latest.length > DEAD_AFTER) latest.shift();
  }
}

/** Whether a strategy had found it, which says when: then it is the action on it that failed. */
export function wasFoundBefore(attributes: PlainAttributes): boolean {
  return attributes[ATTR.SELECTOR_STRATEGY] !== undefined && attributes[ATTR.SELECTOR_WAIT_TIME] !== undefined;
}
