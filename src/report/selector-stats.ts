/** What is added up of selector operations: for one selector, strategy, driver or page. */
import { ATTR, HIGH_DRIFT } from '../conventions.ts';
import { ExponentialHistogram } from '../rollup/exponential-histogram.ts';
import { LastFinds } from './last-finds.ts';
import { type PlainAttributes, text } from './otlp.ts';

export type Dimension = 'selector' | 'strategy' | 'driver' | 'page';

export class SelectorStats {
  readonly name: string;
  /** Counted from spans, of which some may not have been written. */
  readonly sampled: boolean;
  completed = 0;
  failed = 0;
  /** Of these: a strategy had found it, and what the app did with it failed. */
  actionFailed = 0;
  /** Failures of operations that have no span when they go well, where it is counted from spans: no rate can be made of them. */
  #incomparable = 0;
  fallbacks = 0;
  retries = 0;
  readonly errors = new Map<string, number>();
  /** Seconds until it was found, of those that found it. */
  readonly durations = new ExponentialHistogram();
  /** The same of the time before the window. */
  readonly before = new ExponentialHistogram();
  readonly drift = new ExponentialHistogram();
  readonly reported = new ExponentialHistogram();
  readonly estimated = new ExponentialHistogram();
  /** Epoch milliseconds; 0 where it is not known. */
  lastUsed = 0;
  /** What the numbers, and spans without numbers, say of the last finds. */
  finds = new LastFinds();
  /** What all spans say of them, and how many these are. */
  readonly #spanFinds = new LastFinds();
  #spans = 0;
  /** Attempts that found several, by their strategy. */
  readonly #vague = new Map<string, number>();

  constructor(name: string, sampled: boolean) {
    this.name = name;
    this.sampled = sampled;
  }

  get count(): number {
    return this.completed + this.failed;
  }

  /** Operations that found it, whatever the app's action on it did. */
  get found(): number {
    return this.completed + this.actionFailed;
  }

  /** Operations of which it would be known had they gone the other way: what a rate is of. */
  get comparable(): number {
    return this.count - this.#incomparable;
  }

  /** Operations that found several, or a strategy of theirs: no operation twice, so of several strategies only the worst counts. */
  get ambiguous(): number {
    return Math.min(this.count, Math.max(this.errors.get('ambiguous') ?? 0, ...this.#vague.values()));
  }

  /** It has found nothing any more. Spans tell the order to the moment, where each operation has one. */
  get isDead(): boolean {
    return (this.#spans === this.count ? this.#spanFinds : this.finds).areNone;
  }

  /** Finds that were something else. */
  get elsewhere(): number {
    return above(this.drift, HIGH_DRIFT);
  }

  /** One of its spans, whether the numbers hold it or not. */
  see(attributes: PlainAttributes, start: number, end: number): void {
    this.#spans++;
    this.#spanFinds.addSpan(attributes, start, end);
  }

  /** Attempts of its strategies: they count for it only where they found several. */
  attempted(attributes: PlainAttributes, count: number): void {
    const strategy = text(attributes[ATTR.SELECTOR_STRATEGY]) ?? '';
    if (attributes[ATTR.ERROR_TYPE] === 'ambiguous') this.#vague.set(strategy, (this.#vague.get(strategy) ?? 0) + count);
  }

  /** @param durations seconds until it was found: a histogram, or one @param found how many of them a strategy had found, where they failed */
  add(attributes: PlainAttributes, count: number, durations: ExponentialHistogram | number, found = 0): void {
    if (attributes[ATTR.SELECTOR_OUTCOME] === 'failed') {
      this.failed += count;
      this.actionFailed += found;
      if (this.sampled && attributes[ATTR.SELECTOR_FAILURES_ONLY] === true) this.#incomparable += count;
      const type = text(attributes[ATTR.ERROR_TYPE]) ?? 'failed';
      this.errors.set(type, (this.errors.get(type) ?? 0) + count);
      return;
    }
    this.completed += count;
    addTo(this.durations, durations);
  }
}

export function addTo(histogram: ExponentialHistogram, value: ExponentialHistogram | number): void {
  if (typeof value === 'number') histogram.record(value);
  else histogram.merge(value);
}

/** How many values are above a power of two. */
function above({ positive, scale, count }: ExponentialHistogram, limit: number): number {
  if (count === 0) return 0;
  // Bucket `i` holds what is above base^i, up to and with base^(i + 1).
  const first = Math.round(Math.log2(limit) * 2 ** scale);
  return positive.counts.reduce((sum, here, i) => (positive.offset + i >= first ? sum + here : sum), 0);
}

/** Most groups of one dimension that are held; what comes after them is folded. */
const MAX_GROUPS = 5_000;

/** The groups of one dimension, by name. */
export class StatsTable {
  readonly #groups = new Map<string, SelectorStats>();
  /** Operations that have no row, because there were too many. */
  folded = 0;

  /** Undefined when there are too many: then `count` operations were folded. */
  group(name: string, sampled: boolean, count: number): SelectorStats | undefined {
    const key = sampled ? `\n${name}` : name;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) {
        this.folded += count;
        return undefined;
      }
      this.#groups.set(key, (group = new SelectorStats(name, sampled)));
    }
    return group;
  }

  known(name: string, sampled = false): SelectorStats | undefined {
    return this.#groups.get(sampled ? `\n${name}` : name);
  }

  list(): SelectorStats[] {
    return [...this.#groups.values()].filter(({ count }) => count > 0);
  }
}
