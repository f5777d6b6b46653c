/** Watches Puppeteer's outermost calls: each is a selector operation, a cheap read only its numbers. */
import type { Tracer } from '@opentelemetry/api';
import { steady } from '../clock.ts';
import { runtime } from '../runtime.ts';
import { beginsWithSpan, recordRead } from '../selectors/selector-operation.ts';
import { driverOf } from '../selectors/selector-attributes.ts';
import { LOOK } from '../selectors/element-facts.ts';
import { selectorSettings } from '../selectors/settings.ts';
import type { Outermost } from './call-scope.ts';
import { PuppeteerCall } from './puppeteer-call.ts';
import { giveHandles, selectorOfHandle } from './puppeteer-handles.ts';
import { FINDING, GIVING, QUERIES, selectorIn } from './puppeteer-operations.ts';
import { copyOf, patchObject } from './puppeteer-patch.ts';
import type { Watcher } from './wrap-promise.ts';

export class PuppeteerWatcher implements Watcher {
  readonly #tracer: () => Tracer | undefined;
  readonly #driver = driverOf('puppeteer');

  constructor(tracer: () => Tracer | undefined) {
    this.#tracer = tracer;
  }

  begin(name: string, self: unknown, args: readonly unknown[]): Outermost | undefined {
    try {
      if (typeof self !== 'object' || self === null) return undefined;
      if (name === 'evaluate' && typeof args[0] === 'function' && LOOK in args[0]) return undefined;
      if (GIVING.has(name)) return { end: (outcome) => giveHandles('result' in outcome ? outcome.result : undefined, selectorOfHandle(self), patchObject) };
      // How Puppeteer itself waits, in `reload()` and the like.
      if (name === 'waitForNavigation' && (args[0] as { ignoreSameDocumentNavigation?: unknown } | undefined)?.ignoreSameDocumentNavigation === true) return undefined;
      // Where the trace goes on into requests, a read has to be open on its page: it may be what makes the page ask.
      if (QUERIES.has(name) && !beginsWithSpan('query') && selectorSettings().propagation.length === 0) return this.#read(name, self, args);
      return this.#call(name, self, args);
    } catch {
      runtime()?.dropped('instrumentation_fault');
      return undefined;
    }
  }

  #call(name: string, self: object, args: readonly unknown[], started?: number): PuppeteerCall {
    return new PuppeteerCall(this.#driver(copyOf(self)?.version, this.#tracer()), name, self, args, started);
  }

  /** Numbers alone, unless it fails: then it is looked where it was. In a browser's pauses code is cold, so there is as little of it as can be. */
  #read(name: string, self: object, args: readonly unknown[]): Outermost {
    const started = steady();
    return {
      end: (outcome) => {
        try {
          if ('error' in outcome) return this.#call(name, self, args, started).end(outcome);
          const { result } = outcome;
          recordRead('puppeteer', name, started);
          giveHandles(result, FINDING.has(name) ? selectorIn(args[0]) : selectorOfHandle(self), patchObject);
        } catch {
          runtime()?.dropped('instrumentation_fault');
        }
      },
    };
  }
}
