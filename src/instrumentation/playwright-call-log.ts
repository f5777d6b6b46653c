/**
 * What Playwright's server tells in its call log, where it runs in this process: how often it tried again, how
 * long it waited, and what it found. The log holds typed values and page content, so a line is looked at as it
 * comes and is not kept; of the element's preview only tag, role, test id and classes are read.
 */
import { steady } from '../clock.ts';
import type { ElementFacts } from '../selectors/fingerprint.ts';
import type { Connection } from './playwright-internals.ts';

/** The account of one call. */
export class CallAccount {
  /** The server is in this process, so that what it did not tell is 0, not unknown. */
  heard = false;
  found = false;
  retries = 0;
  matches: number | undefined;
  /** On the steady clock: when the element was ready to be acted on; else of the last line. */
  ready = 0;
  #acted = false;
  #preview: string | undefined;

  line(message: string): void {
    this.heard = true;
    if (!this.#acted) this.ready = steady();
    // The first letter tells most lines apart.
    const start = message.charCodeAt(0) === 32 ? 2 : 0;
    if (message.startsWith('locator resolved to ', start)) {
      this.found = true;
      const elements = /^(\d{1,9}) elements/.exec(message.slice(start + 20, start + 40))?.[1];
      if (elements !== undefined) this.matches = Number(elements);
      const preview = message.indexOf('<');
      if (preview >= 0) this.#preview = message;
    } else if (message.startsWith('retrying ', start) || message.startsWith('unexpected value', start)) this.retries++;
    else if (message.startsWith('performing ', start)) this.#acted = true;
  }

  /** Of the element found last. The preview is gone afterwards. */
  takeElement(): ElementFacts | undefined {
    const preview = this.#preview;
    this.#preview = undefined;
    return preview === undefined ? undefined : elementOf(preview);
  }
}

const ATTRIBUTE = /\s([\w:-]+)(?:="([^"]*)")?/gy;
const TEST_IDS = /^data-(?:testid|test-id|test|cy|qa|pw)$/;

/** Of `<button role="switch" data-testid="go" class="btn">Go</button>`, all but the text. */
export function elementOf(preview: string): ElementFacts | undefined {
  const open = preview.indexOf('<');
  const tag = /^<([a-z][\w:-]*)/i.exec(preview.slice(open, open + 64))?.[1];
  if (open < 0 || tag === undefined) return undefined;
  let role: string | null = null;
  let testId: string | null = null;
  let classes: string | null = null;
  ATTRIBUTE.lastIndex = open + 1 + tag.length;
  for (let match = ATTRIBUTE.exec(preview); match !== null; match = ATTRIBUTE.exec(preview)) {
    const [, name = '', value = ''] = match;
    if (name === 'role') role = value;
    else if (name === 'class') classes = value;
    else if (TEST_IDS.test(name)) testId ??= value;
  }
  return { tag, role, testId, classes };
}

interface Instrumentation {
  addListener(listener: { onCallLog(object: unknown, metadata: { id?: unknown }, name: unknown, message: unknown): void }, context: null): void;
}

/** The calls of one connection that are under way, by the id that both sides have. */
export class CallLog {
  readonly #open = new Map<string, CallAccount>();

  /** Undefined where the server is elsewhere, as after `connect()`. */
  static of(connection: Connection): CallLog | undefined {
    try {
      const playwright = connection._objects?.get('Playwright');
      if (typeof connection.toImpl !== 'function' || playwright === undefined) return undefined;
      const { instrumentation } = connection.toImpl(playwright) as { instrumentation?: Instrumentation };
      if (typeof instrumentation?.addListener !== 'function') return undefined;
      const log = new CallLog();
      instrumentation.addListener({ onCallLog: (_object, metadata, _name, message) => log.#line(metadata?.id, message) }, null);
      return log;
    } catch {
      return undefined;
    }
  }

  open(id: string, account: CallAccount): void {
    this.#open.set(id, account);
  }

  close(id: string): void {
    this.#open.delete(id);
  }

  #line(id: unknown, message: unknown): void {
    if (this.#open.size === 0 || typeof message !== 'string') return;
    this.#open.get(id as string)?.line(message);
  }
}
