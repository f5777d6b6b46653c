/**
 * One operation on a selector, whichever driver does it: its numbers always, its span when it is worth one.
 * Actions, waits and assertions have a span from their start, so that what they cause can be its child; a cheap
 * read gets one only when it fails, made when it ends, with the time of its start. Nothing here throws.
 */
import type { Attributes, Context, Tracer } from '@opentelemetry/api';
import { ATTR, SELECTOR_OPERATION, SELECTOR_RETRIES, SELECTOR_WAIT } from '../conventions.ts';
import { type Operation, recordNumber, recordOperation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import type { Failure } from './failure.ts';
import { pageUrl } from './page-url.ts';
import { scrubError } from './error-text.ts';
import { type Dialect, describeSelector, selectorName } from './selector-text.ts';
import { selectorSettings } from './settings.ts';

/** `query`: a cheap read. */
export type OperationClass = 'action' | 'wait' | 'assertion' | 'query';

/** Who does the operations: one object for all of a driver's. */
export interface Driver {
  readonly name: Dialect;
  readonly version?: string | undefined;
  /** A tracer of the app's own SDK; default: the runtime's, else the API's. */
  readonly tracer?: Tracer | undefined;
}

/** What is known of an operation besides its outcome, as the driver has it: it is made presentable only where there is a span. */
export interface SelectorDetails {
  readonly selector?: string | undefined;
  /** Selenium's location strategy. */
  readonly using?: string | undefined;
  readonly url?: string | undefined;
  readonly pageId?: string | undefined;
  readonly frameId?: string | undefined;
  readonly browserName?: string | undefined;
  readonly browserVersion?: string | undefined;
  readonly viewport?: { readonly width: number; readonly height: number } | null | undefined;
  readonly userAgent?: string | undefined;
  /** Network requests that the page began meanwhile. */
  readonly requests?: number | undefined;
  readonly matches?: number | undefined;
  /** Times that the driver tried again. Undefined, not 0, where it does not tell. */
  readonly retries?: number | undefined;
  /** Seconds until the element was there and could be acted on. Undefined, not 0, where the driver does not tell. */
  readonly wait?: number | undefined;
  /** Of the element found: tag, role, test id, stable classes. */
  readonly fingerprint?: string | undefined;
  /** Anything else for the span. */
  readonly attributes?: Attributes | undefined;
}

export interface SelectorOperationOptions {
  /** The name under which the app resolves the selector. */
  readonly name?: string | undefined;
  readonly strategy?: string | undefined;
  /** Default: the active context. */
  readonly parent?: Context | undefined;
}

const NO_OPTIONS: SelectorOperationOptions = {};
const NO_DETAILS: SelectorDetails = {};

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
    const { spans } = selectorSettings();
    if (spans === 'all' || (spans === 'actions' && kind !== 'query')) this.#span = this.#startSpan(undefined);
    this.#started = performance.now();
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
      const elapsed = performance.now() - this.#started;
      const numbers = metricAttributes(this.#driver.name, this.#operation, failure?.type, this.#options);
      if (details.retries !== undefined) recordNumber(SELECTOR_RETRIES, details.retries, numbers);
      if (details.wait !== undefined) recordNumber(SELECTOR_WAIT, details.wait, numbers);
      if (this.#span === undefined && failure === undefined) {
        recordOperation(SELECTOR_OPERATION, elapsed / 1000, numbers);
        return true;
      }
      const attributes = spanAttributes(this.#driver, numbers, details, failure);
      if (error !== undefined && selectorSettings().recordErrors) Object.assign(attributes, scrubError(error, selectorSettings()));
      const end = { attributes, ...(failure && { error: { type: failure.type } }) };
      if (this.#span !== undefined) this.#span.end(end);
      else {
        const now = Date.now();
        this.#startSpan(now - elapsed).end({ ...end, endTime: now });
      }
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

/** One object for each set of values, for those without a name: nearly all. */
const known = new Map<string, Map<string, Attributes>>();

function metricAttributes(driver: string, operation: string, error: string | undefined, { name, strategy }: SelectorOperationOptions): Attributes {
  if (name !== undefined || strategy !== undefined) {
    return {
      ...metricAttributes(driver, operation, error, NO_OPTIONS),
      ...(name !== undefined && { [ATTR.SELECTOR_NAME]: selectorName(name) }),
      ...(strategy !== undefined && { [ATTR.SELECTOR_STRATEGY]: strategy }),
    };
  }
  let own = known.get(driver);
  if (own === undefined) known.set(driver, (own = new Map()));
  const key = error === undefined ? operation : `${operation} ${error}`;
  let attributes = own.get(key);
  if (attributes === undefined) {
    attributes = {
      [ATTR.SELECTOR_OPERATION]: operation,
      [ATTR.SELECTOR_DRIVER]: driver,
      [ATTR.SELECTOR_OUTCOME]: error === undefined ? 'completed' : 'failed',
      ...(error !== undefined && { [ATTR.ERROR_TYPE]: error }),
    };
    if (own.size < 1000) own.set(key, attributes);
  }
  return attributes;
}

function spanAttributes(driver: Driver, numbers: Attributes, details: SelectorDetails, failure: Failure | undefined): Attributes {
  const attributes: Attributes = { ...numbers };
  if (driver.version !== undefined) attributes[ATTR.SELECTOR_DRIVER_VERSION] = driver.version;
  if (details.selector !== undefined) {
    const { text, hash, engine } = describeSelector(details.selector, driver.name, details.using);
    attributes[ATTR.SELECTOR_TEXT] = text;
    attributes[ATTR.SELECTOR_HASH] = hash;
    attributes[ATTR.SELECTOR_ENGINE] = engine;
  }
  if (details.url) attributes[ATTR.URL_FULL] = pageUrl(details.url);
  if (details.pageId !== undefined) attributes[ATTR.SELECTOR_PAGE_ID] = details.pageId;
  if (details.frameId !== undefined) attributes[ATTR.SELECTOR_FRAME_ID] = details.frameId;
  if (details.browserName !== undefined) attributes[ATTR.USER_AGENT_NAME] = details.browserName;
  if (details.browserVersion !== undefined) attributes[ATTR.USER_AGENT_VERSION] = details.browserVersion;
  if (details.userAgent !== undefined) attributes[ATTR.USER_AGENT_ORIGINAL] = details.userAgent;
  if (details.viewport) attributes[ATTR.SELECTOR_VIEWPORT] = `${details.viewport.width}x${details.viewport.height}`;
  const matches = failure?.matches ?? details.matches;
  if (matches !== undefined) attributes[ATTR.SELECTOR_MATCH_COUNT] = matches;
  if (details.retries !== undefined) attributes[ATTR.SELECTOR_RETRY_COUNT] = details.retries;
  if (details.wait !== undefined) attributes[ATTR.SELECTOR_WAIT_TIME] = details.wait;
  if (details.requests !== undefined) attributes[ATTR.SELECTOR_REQUEST_COUNT] = details.requests;
  if (details.fingerprint !== undefined) attributes[ATTR.SELECTOR_FINGERPRINT] = details.fingerprint;
  return details.attributes === undefined ? attributes : Object.assign(attributes, details.attributes);
}
