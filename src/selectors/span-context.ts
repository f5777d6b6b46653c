/**
 * The context of a span, below another context, without copying that one: the API's own `trace.setSpan` copies all
 * values and makes three functions, and here every attempt of a strategy needs a context.
 */
import { type Context, INVALID_SPAN_CONTEXT, type Span, trace } from '@opentelemetry/api';

/** The key under which the API keeps the active span: it does not tell, so it is watched as it uses it. */
const SPAN_KEY = ((): symbol | undefined => {
  let key: symbol | undefined;
  const watched: Context = {
    getValue: () => undefined,
    setValue: (used) => {
      key = used;
      return watched;
    },
    deleteValue: () => watched,
  };
  trace.setSpan(watched, trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  return key;
})();

class SpanContext implements Context {
  readonly #parent: Context;
  readonly #span: Span;

  constructor(parent: Context, span: Span) {
    this.#parent = parent;
    this.#span = span;
  }

  getValue(key: symbol): unknown {
    return key === SPAN_KEY ? this.#span : this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return trace.setSpan(this.#parent, this.#span).setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return trace.setSpan(this.#parent, this.#span).deleteValue(key);
  }
}

/** `parent` with `span` as the active one. */
export function withSpan(parent: Context, span: Span): Context {
  return SPAN_KEY === undefined ? trace.setSpan(parent, span) : new SpanContext(parent, span);
}
