/** The few spawns of very many that a person should look at: the slowest and the last that failed. */
import { milliseconds, plainAttributes, type PlainAttributes } from './otlp.ts';
import { errorType, type Verdict, verdictOf, type What, whatOf } from './spawn-groups.ts';
import { decode, type FullSpan, parseTraceLine, type QuickSpan } from './trace-line.ts';

export interface Notable extends What {
  readonly traceId: string;
  readonly spanId: string;
  readonly seconds: number;
  /** Epoch milliseconds of its end. */
  readonly end: number;
  readonly verdict: Verdict;
  readonly errorType: string | undefined;
}

interface Candidate {
  readonly spanId: string;
  readonly rank: number;
  readonly make: () => Notable | undefined;
}

/** The `size` candidates with the highest rank. What it holds is made into a {@link Notable} only at the end. */
class Top {
  readonly #size: number;
  #held: Candidate[] = [];
  #least = -Infinity;

  constructor(size: number) {
    this.#size = size;
  }

  wants(rank: number): boolean {
    return rank > this.#least;
  }

  add(candidate: Candidate): void {
    if (!this.wants(candidate.rank)) return;
    this.#held.push(candidate);
    if (this.#held.length >= this.#size * 8 + 16) this.#trim();
  }

  list(): Notable[] {
    this.#trim();
    return this.#held.slice(0, this.#size).flatMap(({ make }) => make() ?? []);
  }

  #trim(): void {
    const seen = new Set<string>();
    this.#held = this.#held
      .sort((a, b) => b.rank - a.rank)
      .filter(({ spanId }) => !seen.has(spanId) && seen.add(spanId))
      .slice(0, this.#size);
    if (this.#held.length >= this.#size) this.#least = this.#held.at(-1)!.rank;
  }
}

export class Notables {
  readonly #slowest: Top;
  readonly #failed: Top;

  constructor(size: number) {
    this.#slowest = new Top(size);
    this.#failed = new Top(size);
  }

  /** Called for every span, so nothing is parsed here. The span has to be a spawn. */
  quick(span: QuickSpan): void {
    const duration = span.end - span.start;
    const { spanId, text } = span;
    const make = (): Notable | undefined => {
      const full = parseTraceLine(decode(text))?.[0];
      return full && notable(full.span, plainAttributes(full.span.attributes));
    };
    if (this.#slowest.wants(duration)) this.#slowest.add({ spanId, rank: duration, make });
    if (this.#failed.wants(span.end) && (text.includes('"key":"error.type"', span.from) || text.includes('{"stringValue":"failed"}', span.from))) {
      const made = make();
      if (made?.verdict === 'failed') this.#failed.add({ spanId, rank: span.end, make: () => made });
    }
  }

  full({ span }: FullSpan, attributes: PlainAttributes): void {
    const made = notable(span, attributes);
    this.#add(made, made.seconds * 1000);
  }

  /** From a rollup: known although the span's own line may have been dropped since. */
  exemplar(attributes: PlainAttributes, { traceId, spanId, seconds, end }: Pick<Notable, 'traceId' | 'spanId' | 'seconds' | 'end'>): void {
    this.#add({ ...describe(attributes), traceId, spanId, seconds, end }, seconds * 1000);
  }

  get slowest(): Notable[] {
    return this.#slowest.list();
  }

  get lastFailures(): Notable[] {
    return this.#failed.list();
  }

  #add(made: Notable, duration: number): void {
    const { spanId } = made;
    this.#slowest.add({ spanId, rank: duration, make: () => made });
    if (made.verdict === 'failed') this.#failed.add({ spanId, rank: made.end, make: () => made });
  }
}

function notable(span: FullSpan['span'], attributes: PlainAttributes): Notable {
  const end = milliseconds(span.endTimeUnixNano);
  const seconds = Math.max(0, end - milliseconds(span.startTimeUnixNano)) / 1000;
  return { ...describe(attributes), traceId: span.traceId, spanId: span.spanId, seconds, end };
}

function describe(attributes: PlainAttributes): What & Pick<Notable, 'verdict' | 'errorType'> {
  return { ...whatOf(attributes), verdict: verdictOf(attributes), errorType: errorType(attributes) };
}
