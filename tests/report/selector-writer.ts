/** Selector operations as the API and the drivers record them, for what the report makes of them. */
import { ATTR, SELECTOR_DRIFT, SELECTOR_DURATION, SELECTOR_FALLBACKS, SELECTOR_WAIT } from '../../src/conventions.ts';
import { Writer } from './fixture.ts';

export class SelectorWriter extends Writer {
  #span = 0;

  /** One resolve of a selector with a name, as the API records it. `acted`: it was found, and it is the action that failed. */
  resolve(name: string, { strategy = 'css', seconds = 0.01, error, acted = error === undefined, fallback = false, drift, page }: { strategy?: string; seconds?: number; error?: string; acted?: boolean; fallback?: boolean; drift?: number; page?: string } = {}): void {
    const attributes = {
      [ATTR.SELECTOR_OPERATION]: 'resolve', [ATTR.SELECTOR_NAME]: name, [ATTR.SELECTOR_DRIVER]: 'engine', [ATTR.SELECTOR_OUTCOME]: error === undefined ? 'completed' : 'failed',
      ...(acted && { [ATTR.SELECTOR_STRATEGY]: strategy }), ...(error !== undefined && { [ATTR.ERROR_TYPE]: error }), ...(page !== undefined && { [ATTR.SELECTOR_PAGE]: page }),
    };
    if (acted) this.number(SELECTOR_WAIT, seconds, attributes);
    if (fallback) this.number(SELECTOR_FALLBACKS, 1, attributes);
    if (drift !== undefined) this.number(SELECTOR_DRIFT, drift, attributes);
    // The action takes ten times as long, and is no fault of the selector.
    this.end({ kind: SELECTOR_DURATION, span: ++this.#span, name: `resolve ${name}`, milliseconds: seconds * 10_000, attributes: { ...attributes, ...(acted && { [ATTR.SELECTOR_WAIT_TIME]: seconds }), ...(drift !== undefined && { [ATTR.SELECTOR_DRIFT]: drift }), ...(fallback && { [ATTR.SELECTOR_FALLBACK]: true }) } });
  }

  /** One call of a driver, which nobody gave a name. */
  click(text: string, { seconds = 0.05, error, url, name }: { seconds?: number; error?: string; url?: string; name?: string } = {}): void {
    const attributes = { [ATTR.SELECTOR_OPERATION]: 'click', [ATTR.SELECTOR_DRIVER]: 'playwright', [ATTR.SELECTOR_OUTCOME]: error === undefined ? 'completed' : 'failed', ...(error !== undefined && { [ATTR.ERROR_TYPE]: error }) };
    this.end({ kind: SELECTOR_DURATION, span: ++this.#span, name: 'click', milliseconds: seconds * 1000, attributes: { ...attributes, [ATTR.SELECTOR_TEXT]: text, ...(name !== undefined && { [ATTR.SELECTOR_NAME]: name }), ...(url !== undefined && { [ATTR.URL_FULL]: url }) } });
  }

  attempt(name: string, strategy: string, error?: string): void {
    const attributes = { [ATTR.SELECTOR_OPERATION]: 'attempt', [ATTR.SELECTOR_NAME]: name, [ATTR.SELECTOR_STRATEGY]: strategy, [ATTR.SELECTOR_DRIVER]: 'engine', [ATTR.SELECTOR_OUTCOME]: error === undefined ? 'completed' : 'failed', ...(error !== undefined && { [ATTR.ERROR_TYPE]: error }) };
    this.end({ kind: SELECTOR_DURATION, span: ++this.#span, name: `attempt ${name}`, milliseconds: 5, attributes });
  }
}

export const times = (count: number, action: (i: number) => void): void => void Array.from({ length: count }, (_, i) => action(i));
