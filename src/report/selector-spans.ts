/**
 * What the spans say of selectors: the slowest, those that nobody named, the pages that nobody named; and the
 * operations of processes that were killed before their numbers were written.
 */
import { ATTR } from '../conventions.ts';
import { wasFoundBefore } from './last-finds.ts';
import { milliseconds, type PlainAttributes, text } from './otlp.ts';
import { addTo } from './selector-stats.ts';
import type { SelectorTables } from './selector-tables.ts';
import { Top } from './top.ts';
import { type FullSpan, numberOf, type QuickSpan, textOf } from './trace-line.ts';
import type { SpanVisitor } from './window.ts';

export interface SlowSelector {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly operation: string;
  readonly strategy: string | undefined;
  readonly seconds: number;
  /** Epoch milliseconds of its end. */
  readonly end: number;
  readonly errorType: string | undefined;
}

const TEXTS = [ATTR.SELECTOR_OPERATION, ATTR.SELECTOR_NAME, ATTR.SELECTOR_STRATEGY, ATTR.SELECTOR_DRIVER, ATTR.SELECTOR_PAGE, ATTR.SELECTOR_OUTCOME, ATTR.SELECTOR_TEXT, ATTR.URL_FULL, ATTR.ERROR_TYPE] as const;
const NUMBERS = [ATTR.SELECTOR_WAIT_TIME, ATTR.SELECTOR_DRIFT, ATTR.SELECTOR_RETRY_COUNT] as const;
const FAILURES_ONLY = `"key":"${ATTR.SELECTOR_FAILURES_ONLY}","value":{"boolValue":true}`;

export class SelectorSpans implements SpanVisitor {
  readonly attribute = ATTR.SELECTOR_OPERATION;
  /** Operations whose numbers no rollup holds, attempts not counted, and how many of them failed. */
  operations = 0;
  failed = 0;
  /** The same with their attempts. */
  uncounted = 0;
  readonly #tables: SelectorTables;
  readonly #slowest: Top<SlowSelector>;

  constructor(tables: SelectorTables, top: number) {
    this.#tables = tables;
    this.#slowest = new Top(top);
  }

  get slowest(): SlowSelector[] {
    return this.#slowest.list();
  }

  quick(span: QuickSpan): void {
    const operation = textOf(span, ATTR.SELECTOR_OPERATION);
    if (operation === undefined || operation === 'attempt') return;
    const attributes = Object.create(null) as Record<string, string | number | boolean | undefined>;
    for (const name of TEXTS) attributes[name] = textOf(span, name);
    for (const name of NUMBERS) attributes[name] = numberOf(span, name);
    attributes[ATTR.SELECTOR_FAILURES_ONLY] = span.text.includes(FAILURES_ONLY, span.from);
    this.#look(attributes, span);
  }

  full({ span: { traceId, spanId, startTimeUnixNano, endTimeUnixNano } }: FullSpan, attributes: PlainAttributes, isCounted: boolean): void {
    const span = { traceId, spanId, start: milliseconds(startTimeUnixNano), end: milliseconds(endTimeUnixNano) };
    if (!isCounted) this.#count(attributes, span);
    if (attributes[ATTR.SELECTOR_OPERATION] !== 'attempt') this.#look(attributes, span);
  }

  #look(attributes: PlainAttributes, { traceId, spanId, start, end }: Pick<QuickSpan, 'traceId' | 'spanId' | 'start' | 'end'>): void {
    const seconds = Math.max(0, end - start) / 1000;
    const selector = text(attributes[ATTR.SELECTOR_TEXT]);
    const own = text(attributes[ATTR.SELECTOR_NAME]);
    const name = own ?? selector;
    if (name !== undefined && this.#slowest.wants(seconds)) {
      const operation = text(attributes[ATTR.SELECTOR_OPERATION]) ?? '';
      const slow = { traceId, spanId, name, operation, strategy: text(attributes[ATTR.SELECTOR_STRATEGY]), seconds, end, errorType: text(attributes[ATTR.ERROR_TYPE]) };
      this.#slowest.add({ spanId, rank: seconds, make: () => slow });
    }
    const until = numeric(attributes[ATTR.SELECTOR_WAIT_TIME]) ?? seconds;
    const { selectors } = this.#tables;
    const stats = own !== undefined ? selectors.known(own) : selector === undefined ? undefined : selectors.group(selector, true, 1);
    stats?.see(attributes, start, end);
    if (stats?.sampled) {
      stats.add(attributes, 1, until);
      stats.retries += numeric(attributes[ATTR.SELECTOR_RETRY_COUNT]) ?? 0;
      stats.lastUsed = Math.max(stats.lastUsed, end);
      const drift = numeric(attributes[ATTR.SELECTOR_DRIFT]);
      if (drift !== undefined) addTo(stats.drift, drift);
    }
    const url = text(attributes[ATTR.URL_FULL]);
    if (url !== undefined && attributes[ATTR.SELECTOR_PAGE] === undefined) this.#tables.pages.group(pageOf(url), true, 1)?.add(attributes, 1, until);
  }

  /** As the numbers would have, had they been written. */
  #count(attributes: PlainAttributes, { start, end }: Pick<QuickSpan, 'start' | 'end'>): void {
    this.uncounted++;
    this.#tables.add(attributes, 1, numeric(attributes[ATTR.SELECTOR_WAIT_TIME]) ?? Math.max(0, end - start) / 1000, wasFoundBefore(attributes) ? 1 : 0);
    if (attributes[ATTR.SELECTOR_OPERATION] === 'attempt') return;
    this.operations++;
    if (attributes[ATTR.SELECTOR_OUTCOME] === 'failed') this.failed++;
    const stats = this.#tables.of(attributes, 0);
    if (stats === undefined) return;
    stats.lastUsed = Math.max(stats.lastUsed, end);
    stats.finds.addSpan(attributes, start, end);
    if (attributes[ATTR.SELECTOR_FALLBACK] === true) stats.fallbacks++;
    stats.retries += numeric(attributes[ATTR.SELECTOR_RETRY_COUNT]) ?? 0;
    const drift = numeric(attributes[ATTR.SELECTOR_DRIFT]);
    if (drift !== undefined) addTo(stats.drift, drift);
    const confidence = numeric(attributes[ATTR.SELECTOR_CONFIDENCE]);
    if (confidence !== undefined) addTo(attributes[ATTR.SELECTOR_CONFIDENCE_SOURCE] === 'reported' ? stats.reported : stats.estimated, confidence);
  }
}

function numeric(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** An address without its query; numbers and long ids in its path are one page. */
function pageOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end < 0 ? url : url.slice(0, end)).replace(/(?<=[^/]\/)(?:\d+|[0-9a-f-]{8,})(?=\/|$)/gi, ':id');
}
