/** What an app tells of a selector that it resolves, checked and made presentable. */
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../conventions.ts';
import { pageName } from './page-names.ts';
import { pageUrl } from './page-url.ts';
import { cut, scrubMessage } from './redaction.ts';
import { selectorSettings } from './settings.ts';

/** Where it happens. All of it is optional. */
export interface SelectorPlace {
  /** What drives the browser, such as `playwright`. A metric attribute. Default: `custom`. */
  readonly driver?: string | undefined;
  /** The app's name of the page, such as `checkout`. A metric attribute: at most 100 different ones, then `(other)`. */
  readonly page?: string | undefined;
  /** Recorded without credentials, values of the query and fragment. */
  readonly url?: string | undefined;
  /** Title of the page. Recorded scrubbed, without quoted texts and digits. */
  readonly title?: string | undefined;
  /** The app's id of the browser session, and of the tab. */
  readonly session?: string | undefined;
  readonly tab?: string | undefined;
}

/** What the page had to do meanwhile, where the app measures that. */
export interface PageCost {
  /** Bytes that the page uses. */
  readonly memory?: number | undefined;
  /** Seconds of CPU. */
  readonly cpuTime?: number | undefined;
  /** Changes of the document. */
  readonly domOperations?: number | undefined;
  /** Network requests. */
  readonly requests?: number | undefined;
}

const MAX_LENGTH = 128;

/** A short text that may be recorded as it is; undefined when it is none. */
export function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cut(value, MAX_LENGTH) : undefined;
}

/** The parts of the place that are metric attributes. */
export function driverAndPage({ driver, page }: SelectorPlace): { readonly driver: string; readonly page: string | undefined } {
  return { driver: shortText(driver) ?? 'custom', page: typeof page === 'string' && page !== '' ? pageName(page) : undefined };
}

/** The others, for the span. */
export function addPlace(attributes: Attributes, { url, title, session, tab }: SelectorPlace): void {
  if (url !== undefined) add(attributes, ATTR.URL_FULL, typeof url === 'string' ? pageUrl(url) : undefined);
  if (title !== undefined) add(attributes, ATTR.SELECTOR_TITLE, typeof title === 'string' ? scrubMessage(title, selectorSettings()) : undefined);
  if (session !== undefined) add(attributes, ATTR.SELECTOR_SESSION, shortText(session));
  if (tab !== undefined) add(attributes, ATTR.SELECTOR_TAB, shortText(tab));
}

export function addCost(attributes: Attributes, { memory, cpuTime, domOperations, requests }: PageCost): void {
  addNumber(attributes, ATTR.SELECTOR_MEMORY, memory);
  addNumber(attributes, ATTR.SELECTOR_CPU_TIME, cpuTime);
  addNumber(attributes, ATTR.SELECTOR_DOM_OPERATIONS, domOperations);
  addNumber(attributes, ATTR.SELECTOR_REQUEST_COUNT, requests);
}

function add(attributes: Attributes, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '') attributes[name] = value;
}

function addNumber(attributes: Attributes, name: string, value: number | undefined): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) attributes[name] = value;
}
