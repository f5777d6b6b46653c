/** What is said of a selector operation: made presentable, for its span and for its numbers. */
import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import { ATTR, SELECTOR_DRIFT } from '../conventions.ts';
import { recordNumber } from '../operation.ts';
import type { Failure } from './failure.ts';
import { type ElementFacts, type Fingerprint, fingerprintLabel, fingerprintOf } from './fingerprint.ts';
import { observeFingerprint } from './observe-fingerprint.ts';
import { pageUrl } from './page-url.ts';
import { type Dialect, type SelectorText, describeSelector, selectorName } from './selector-text.ts';

/** Who does the operations: one object for all of a driver's. */
export interface Driver {
  readonly name: Dialect;
  readonly version?: string | undefined;
  /** A tracer of the app's own SDK; default: the runtime's, else the API's. */
  readonly tracer?: Tracer | undefined;
}

/** Gives one object for as long as version and tracer stay as they are: nearly always. */
export function driverOf(name: Dialect): (version: string | undefined, tracer: Tracer | undefined) => Driver {
  let driver: Driver | undefined;
  return (version, tracer) => {
    if (driver === undefined || driver.version !== version || driver.tracer !== tracer) driver = { name, version, tracer };
    return driver;
  };
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

/**
 * Says on the span what is known of the operation: attribute by attribute, because there are many and an object of
 * them all would cost more than the span. What `numbers` has is on it at the end.
 */
export function describeOn(span: Span, driver: Driver, numbers: Attributes, details: SelectorDetails, failure: Failure | undefined): void {
  for (const key in numbers) span.setAttribute(key, numbers[key]!);
  if (driver.version !== undefined) span.setAttribute(ATTR.SELECTOR_DRIVER_VERSION, driver.version);
  const described = details.selector === undefined ? undefined : describeSelector(details.selector, driver.name, details.using);
  if (described !== undefined) {
    span.setAttribute(ATTR.SELECTOR_TEXT, described.text);
    span.setAttribute(ATTR.SELECTOR_HASH, described.hash);
    span.setAttribute(ATTR.SELECTOR_ENGINE, described.engine);
  }
  if (details.url) span.setAttribute(ATTR.URL_FULL, pageUrl(details.url));
  if (details.pageId !== undefined) span.setAttribute(ATTR.SELECTOR_PAGE_ID, details.pageId);
  if (details.frameId !== undefined) span.setAttribute(ATTR.SELECTOR_FRAME_ID, details.frameId);
  if (details.browserName !== undefined) span.setAttribute(ATTR.USER_AGENT_NAME, details.browserName);
  if (details.browserVersion !== undefined) span.setAttribute(ATTR.USER_AGENT_VERSION, details.browserVersion);
  if (details.userAgent !== undefined) span.setAttribute(ATTR.USER_AGENT_ORIGINAL, details.userAgent);
  if (details.viewport) span.setAttribute(ATTR.SELECTOR_VIEWPORT, `${details.viewport.width}x${details.viewport.height}`);
  const matches = failure?.matches ?? details.matches;
  if (matches !== undefined) span.setAttribute(ATTR.SELECTOR_MATCH_COUNT, matches);
  if (details.retries !== undefined) span.setAttribute(ATTR.SELECTOR_RETRY_COUNT, details.retries);
  if (details.wait !== undefined) span.setAttribute(ATTR.SELECTOR_WAIT_TIME, details.wait);
  if (details.requests !== undefined) span.setAttribute(ATTR.SELECTOR_REQUEST_COUNT, details.requests);
  if (details.element !== undefined) describeFind(span, details.element, failure === undefined ? described : undefined, numbers);
  if (details.attributes !== undefined) span.setAttributes(details.attributes);
}

/** What was found, and how far that is from what the same selector found before. */
function describeFind(span: Span, element: ElementFacts, selector: SelectorText | undefined, numbers: Attributes): void {
  const { fingerprint, label } = lookOf(element);
  span.setAttribute(ATTR.SELECTOR_FINGERPRINT, label);
  if (selector?.findsAs === undefined) return;
  const drift = observeFingerprint(selector.findsAs, fingerprint);
  if (drift === undefined) return;
  span.setAttribute(ATTR.SELECTOR_DRIFT, drift);
  recordNumber(SELECTOR_DRIFT, drift, numbers);
}

interface Look {
  readonly fingerprint: Fingerprint;
  readonly label: string;
}

/** An app finds the same elements over and over. */
let looks = new Map<string, Look>();

function lookOf(element: ElementFacts): Look {
  const { tag, role, testId, classes } = element;
  const isSimple = element.text === undefined && element.position === undefined && (typeof classes === 'string' || classes == null);
  const key = `${tag} ${role} ${testId} ${classes as string}`;
  let look = isSimple ? looks.get(key) : undefined;
  if (look === undefined) {
    const fingerprint = fingerprintOf(element);
    look = { fingerprint, label: fingerprintLabel(fingerprint) };
    if (looks.size >= 500) looks = new Map();
    if (isSimple && key.length < 1024) looks.set(key, look);
  }
  return look;
}
