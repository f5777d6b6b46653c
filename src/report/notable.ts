/** The few spawns of very many that a person should look at: the slowest and the last that failed. */
import { milliseconds, secondsOf, plainAttributes, type PlainAttributes } from './otlp.ts';
import { errorType, type Verdict, verdictOf, type What, whatOf } from './spawn-groups.ts';
import { Top } from './top.ts';
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

export class Notables {
  readonly #slowest: Top<Notable>;
  readonly #failed: Top<Notable>;

  constructor(size: number) {
    this.#slowest = new Top<Notable>(size);
    this.#failed = new Top<Notable>(size);
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
  const seconds = secondsOf(span);
  return { ...describe(attributes), traceId: span.traceId, spanId: span.spanId, seconds, end };
}

function describe(attributes: PlainAttributes): What & Pick<Notable, 'verdict' | 'errorType'> {
  return { ...whatOf(attributes), verdict: verdictOf(attributes), errorType: errorType(attributes) };
}
