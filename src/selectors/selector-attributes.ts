/** What is said of a selector operation: made presentable, for its span and for its numbers. */
import type { Attributes, Tracer } from '@opentelemetry/api';
import { ATTR, SELECTOR_DRIFT } from '../conventions.ts';
import { recordNumber } from '../operation.ts';
import type { Failure } from './failure.ts';
import { type ElementFacts, fingerprintLabel, fingerprintOf } from './fingerprint.ts';
import { observeFingerprint } from './known-fingerprints.ts';
import { pageUrl } from './page-url.ts';
import { ANY } from './redaction.ts';
import { type Dialect, describeSelector, selectorName } from './selector-text.ts';

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
  /** What the driver told of the element found. */
  readonly element?: ElementFacts | undefined;
  /** Anything else for the span. */
  readonly attributes?: Attributes | undefined;
}

interface Named {
  readonly name?: string | undefined;
  readonly strategy?: string | undefined;
}

/** One object for each set of values, for those without a name: nearly all. */
const known = new Map<string, Map<string, Attributes>>();

/** What its numbers have. */
export function metricAttributes(driver: string, operation: string, error: string | undefined, { name, strategy }: Named): Attributes {
  if (name !== undefined || strategy !== undefined) {
    return {
      ...metricAttributes(driver, operation, error, {}),
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

/** What its span has. */
export function spanAttributes(driver: Driver, numbers: Attributes, details: SelectorDetails, failure: Failure | undefined): Attributes {
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
  if (details.element !== undefined) describeFind(details.element, attributes, numbers, failure === undefined);
  return details.attributes === undefined ? attributes : Object.assign(attributes, details.attributes);
}

/** What was found, and how far that is from what the same selector found before. */
function describeFind(element: ElementFacts, attributes: Attributes, numbers: Attributes, succeeded: boolean): void {
  const fingerprint = fingerprintOf(element);
  attributes[ATTR.SELECTOR_FINGERPRINT] = fingerprintLabel(fingerprint);
  const hash = attributes[ATTR.SELECTOR_HASH];
  // With its texts replaced a selector may stand for several, each of which finds something else.
  if (!succeeded || typeof hash !== 'string' || String(attributes[ATTR.SELECTOR_TEXT]).includes(ANY)) return;
  const drift = observeFingerprint(hash, fingerprint);
  if (drift === undefined) return;
  attributes[ATTR.SELECTOR_DRIFT] = drift;
  recordNumber(SELECTOR_DRIFT, drift, numbers);
}
