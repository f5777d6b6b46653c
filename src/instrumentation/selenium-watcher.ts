/** Makes a selector operation of each command of Selenium's that is one, and of each `wait` with all that it asks. */
import type { Tracer } from '@opentelemetry/api';
import { steady } from '../clock.ts';
import { runtime } from '../runtime.ts';
import { failureOf } from '../selectors/failure.ts';
import { type Driver, type SelectorDetails, type SelectorOperation, beginSelector } from '../selectors/selector-operation.ts';
import { driverOf } from '../selectors/selector-attributes.ts';
import type { Outermost } from './call-scope.ts';
import { type Command, type CommandOperation, WAIT, elementIn, mayNavigate, operationOf } from './selenium-commands.ts';
import { versionOf } from './selenium-patch.ts';
import { type Selector, SeleniumSession, type WebDriver, rememberElement, selectorOf } from './selenium-session.ts';
import { withoutSelector } from './without-selector.ts';
import type { Watcher } from './wrap-promise.ts';

const REMEMBERED_ELEMENTS = 1000;

export class SeleniumWatcher implements Watcher {
  readonly #tracer: () => Tracer | undefined;
  readonly #driver = driverOf('selenium');

  constructor(tracer: () => Tracer | undefined) {
    this.#tracer = tracer;
  }

  begin(name: string, self: unknown, args: readonly unknown[]): Outermost | undefined {
    try {
      const webDriver = self as WebDriver;
      const driver = this.#driver(versionOf(webDriver), this.#tracer());
      return name === 'wait' ? new Wait(driver, webDriver) : new Execution(driver, webDriver, args[0] as Command);
    } catch {
      runtime()?.dropped('instrumentation_fault');
      return undefined;
    }
  }
}

function selectorIn(command: Command): Selector | undefined {
  const using = command.getParameter('using');
  const value = command.getParameter('value');
  return typeof using === 'string' && typeof value === 'string' ? { using, value } : undefined;
}

function detailsOf(session: SeleniumSession, selector: Selector | undefined): SelectorDetails {
  const { url, windowHandle, browserName, browserVersion } = session;
  return { selector: selector?.value, using: selector?.using, url, pageId: windowHandle, browserName, browserVersion };
}

/**
 * The time until the session is there, and until the promised element is found, is that of other commands. Right
 * before a command is sent it is given its parameters in their plain form.
 */
function onceSent(command: Command, then: () => unknown): void {
  command.setParameters = (parameters) => {
    delete (command as Partial<Command>).setParameters;
    const given = command.setParameters(parameters);
    try {
      then();
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
    return given;
  };
}

/** The selector by which the element was found that a command is for. Once it is sent. */
function selectorOfElement(command: Command): Selector | undefined {
  return selectorOf(elementIn(Object.fromEntries(['id', 'args', 'actions'].map((key) => [key, command.getParameter(key)]))));
}

class Execution implements Outermost {
  readonly #command: Command;
  readonly #session: SeleniumSession;
  #operation: SelectorOperation | undefined;
  #details: SelectorDetails = {};
  /** Begins the operation, for a command that is one. */
  readonly #start: (() => void) | undefined;

  constructor(driver: Driver, webDriver: WebDriver, command: Command) {
    this.#command = command;
    this.#session = SeleniumSession.of(webDriver);
    const operation = operationOf(command);
    if (operation === undefined) return;
    this.#start = () => this.#begin(driver, webDriver, operation);
    onceSent(command, this.#start);
  }

  #begin(driver: Driver, webDriver: WebDriver, { operation, kind }: CommandOperation): void {
    this.#session.introduce(webDriver);
    this.#details = detailsOf(this.#session, selectorIn(this.#command) ?? selectorOfElement(this.#command));
    this.#operation = beginSelector(driver, operation, kind);
  }

  end(outcome: { readonly result: unknown } | { readonly error: unknown }): void {
    try {
      if ('error' in outcome) return this.#operation === undefined ? this.#notSent(outcome.error) : this.#failed(outcome.error);
      const { result } = outcome;
      this.#operation?.end(undefined, {
        ...this.#details,
        // Those of the session are known since, perhaps.
        browserName: this.#session.browserName,
        browserVersion: this.#session.browserVersion,
        matches: Array.isArray(result) && selectorIn(this.#command) ? result.length : undefined,
      });
      this.#session.done(this.#command, result);
      remember(result, selectorIn(this.#command));
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  #failed(error: unknown): void {
    this.#operation?.end(failureOf(error), this.#details, withoutSelector(error, this.#details.selector));
  }

  /** After `quit()`. Of a command whose element was not found there is nothing to tell. */
  #notSent(error: unknown): void {
    if (this.#start === undefined || (error as { name?: unknown } | undefined)?.name !== 'NoSuchSessionError') return;
    const failed = (id?: string): void => {
      this.#start?.();
      const selector = selectorOf(id);
      if (selector !== undefined) this.#details = detailsOf(this.#session, selector);
      this.#failed(error);
    };
    const element = this.#command.getParameter('id') as { getId?(): Promise<string> } | undefined;
    if (typeof element?.getId !== 'function') return failed();
    element.getId().then(failed, () => {}).catch(() => runtime()?.dropped('instrumentation_fault'));
  }
}

/** What is done with an element later is done with its selector. */
function remember(result: unknown, selector: Selector | undefined): void {
  if (selector === undefined || typeof result !== 'object' || result === null) return;
  for (const element of (Array.isArray(result) ? result.slice(0, REMEMBERED_ELEMENTS) : [result]) as { getId?(): Promise<string> }[]) {
    if (typeof element?.getId !== 'function') continue;
    // It is settled: nobody waits for it.
    element.getId().then((id) => rememberElement(id, selector), () => {});
  }
}

class Wait implements Outermost {
  readonly #started = steady();
  readonly #session: SeleniumSession;
  readonly #operation: SelectorOperation;
  #selector: Selector | undefined;
  #looks = 0;
  #wasFound = false;

  constructor(driver: Driver, webDriver: WebDriver) {
    this.#session = SeleniumSession.of(webDriver);
    this.#operation = beginSelector(driver, WAIT.operation, WAIT.kind);
  }

  inner(name: string, self: unknown, args: readonly unknown[]): void {
    try {
      if (name !== 'execute') return;
      const command = args[0] as Command;
      this.#session.introduce(self as WebDriver);
      if (mayNavigate(command)) this.#session.url = undefined;
      const selector = selectorIn(command);
      if (selector !== undefined) {
        this.#selector ??= selector;
        if (selector.using === this.#selector.using && selector.value === this.#selector.value) this.#looks++;
        return;
      }
      const element = command.getParameter('id');
      if (typeof element !== 'object' || element === null) return;
      this.#wasFound = true;
      if (this.#selector === undefined) onceSent(command, () => (this.#selector ??= selectorOfElement(command)));
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  end(outcome: { readonly result: unknown } | { readonly error: unknown }): void {
    try {
      const waited = (steady() - this.#started) / 1000;
      const details = { ...detailsOf(this.#session, this.#selector), retries: this.#looks > 0 ? this.#looks - 1 : undefined };
      if (!('error' in outcome)) {
        remember(outcome.result, this.#selector);
        this.#operation.end(undefined, { ...details, wait: waited });
        return;
      }
      const isTimeout = (outcome.error as { name?: unknown } | undefined)?.name === 'TimeoutError';
      // Without an element, it was for something else that it waited.
      const isForElement = this.#wasFound || this.#looks > 0;
      this.#operation.end(isTimeout && !isForElement ? { type: 'timeout' } : failureOf(outcome.error, this.#wasFound), details, withoutSelector(outcome.error, this.#selector?.value));
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }
}
