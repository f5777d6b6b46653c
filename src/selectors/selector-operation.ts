/**
 * One operation on a selector, whichever driver does it: its numbers always, its span when it is worth one.
 * Actions, waits and assertions have a span from their start, so that what they cause can be its child; a cheap
 * read gets one only when it fails, made when it ends, with the time of its start. Nothing here throws.
 */
import type { Context } from '@opentelemetry/api';
import { now, steady } from '../clock.ts';
import { ATTR, SELECTOR_OPERATION, SELECTOR_RETRIES, SELECTOR_WAIT } from '../conventions.ts';
import { type Operation, recordNumber, recordOperation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import type { Failure } from './failure.ts';
import { scrubError } from './error-text.ts';
import { type Driver, type SelectorDetails, describeOn, metricAttributes } from './selector-attributes.ts';
import { selectorName } from './selector-text.ts';
import { selectorSettings } from './settings.ts';

export type { Driver, SelectorDetails } from './selector-attributes.ts';

/** `query`: a cheap read. */
export type OperationClass = 'action' | 'wait' | 'assertion' | 'query';

export interface SelectorOperationOptions {
  /** The name under which the app resolves the selector. */
  readonly name?: string | undefined;
  readonly strategy?: string | undefined;
  /** Default: the active context. */
  readonly parent?: Context | undefined;
  /** On the steady clock; default: now. */
  readonly started?: number | undefined;
}

const NO_OPTIONS: SelectorOperationOptions = {};
const NO_DETAILS: SelectorDetails = {};

/** Whether an operation has a span from its start. */
export function beginsWithSpan(kind: OperationClass): boolean {
  const { spans } = selectorSettings();
  return spans === 'all' || (spans === 'actions' && kind !== 'query');
}

/** A read that went well and has no span: nothing is recorded but how long it took. @param started on the steady clock */
export function recordRead(driver: Driver['name'], operation: string, started: number): void {
  recordOperation(SELECTOR_OPERATION, (steady() - started) / 1000, metricAttributes(driver, operation, undefined, NO_OPTIONS));
}

/** Begins an operation. `operation` is a method of the driver: never a text of the app. */
export function beginSelector(driver: Driver, operation: string, kind: OperationClass, options: SelectorOperationOptions = NO_OPTIONS): SelectorOperation {
  return new SelectorOperation(driver, operation, kind, options);
}

export class SelectorOperation {
  readonly #driver: Driver;
  readonly #operation: string;
  readonly #options: SelectorOperationOptions;
  readonly #started: number;
  readonly #span: Operation | undefined;
  #ended = false;

  constructor(driver: Driver, operation: string, kind: OperationClass, options: SelectorOperationOptions) {
    this.#driver = driver;
    this.#operation = operation;
    this.#options = options;
    if (beginsWithSpan(kind)) this.#span = this.#startSpan(undefined);
    this.#started = options.started ?? steady();
  }

  /** Whether it has a span already. One that fails gets one in any case. */
  get hasSpan(): boolean {
    return this.#span !== undefined;
  }

  /** In which what the operation causes is its child; undefined where it has no span. */
  get context(): Context | undefined {
    return this.#span?.context;
  }

  /** Ends it, once: true for the first call. @param error what the failure was made of; its texts are recorded by option only */
  end(failure?: Failure | undefined, details: SelectorDetails = NO_DETAILS, error?: unknown): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    try {
      const elapsed = steady() - this.#started;
      const numbers = metricAttributes(this.#driver.name, this.#operation, failure?.type, this.#options);
      if (details.retries !== undefined) recordNumber(SELECTOR_RETRIES, details.retries, numbers);
      if (details.wait !== undefined) recordNumber(SELECTOR_WAIT, details.wait, numbers);
      if (this.#span === undefined && failure === undefined) {
        recordOperation(SELECTOR_OPERATION, elapsed / 1000, numbers);
        return true;
      }
      const endTime = this.#span === undefined ? now() : undefined;
      const operation = this.#span ?? this.#startSpan(endTime! - elapsed);
      describeOn(operation.span, this.#driver, numbers, details, failure);
      if (this.#span === undefined) operation.span.setAttribute(ATTR.SELECTOR_FAILURES_ONLY, true);
      if (error !== undefined && selectorSettings().recordErrors) operation.span.setAttributes(scrubError(error, selectorSettings()));
      operation.end({ numbers, error: failure, ...(endTime !== undefined && { endTime }) });
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
    return true;
  }

  #startSpan(startTime: number | undefined): Operation {
    const { name, parent } = this.#options;
    return startOperation(SELECTOR_OPERATION, name === undefined ? this.#operation : `${this.#operation} ${selectorName(name)}`, {
      ...(startTime !== undefined && { startTime }),
      ...(parent !== undefined && { parent }),
      tracer: this.#driver.tracer,
    });
  }
}
