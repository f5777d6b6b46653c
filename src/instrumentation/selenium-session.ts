/** What Selenium's commands tell about a session on their way, so that nothing has to be asked of the browser. */
import { type Command, mayNavigate } from './selenium-commands.ts';

/** A WebDriver, as far as we use it. */
export interface WebDriver {
  /** One for a driver and for the promise of it. */
  readonly executor_?: object;
  readonly session_?: Promise<{ getCapabilities?(): { getBrowserName?(): string | undefined; getBrowserVersion?(): string | undefined } }>;
}

export interface Selector {
  readonly using: string;
  readonly value: string;
}

const sessions = new WeakMap<object, SeleniumSession>();

export class SeleniumSession {
  /** That the app went to or asked for last; undefined since the page may have changed. */
  url: string | undefined;
  windowHandle: string | undefined;
  browserName: string | undefined;
  browserVersion: string | undefined;

  static of(driver: WebDriver): SeleniumSession {
    const key = driver.executor_ ?? driver;
    let session = sessions.get(key);
    if (session === undefined) sessions.set(key, (session = new SeleniumSession()));
    return session;
  }

  #isIntroduced = false;

  /** Once the session is there: with the first command that is sent. */
  introduce({ session_: session }: WebDriver): void {
    if (this.#isIntroduced) return;
    this.#isIntroduced = true;
    session?.then(
      (one) => {
        const capabilities = one.getCapabilities?.();
        this.browserName = capabilities?.getBrowserName?.();
        this.browserVersion = capabilities?.getBrowserVersion?.();
      },
      () => {},
    );
  }

  /** A command was carried out. */
  done(command: Command, result: unknown): void {
    if (mayNavigate(command)) this.url = undefined;
    switch (command.getName()) {
      case 'get':
        this.url = text(command.getParameter('url'));
        break;
      case 'getCurrentUrl':
        this.url = text(result);
        break;
      case 'getCurrentWindowHandle':
        this.windowHandle = text(result);
        break;
      case 'switchToWindow':
        this.windowHandle = text(command.getParameter('handle') ?? command.getParameter('name'));
        break;
      case 'newWindow':
        this.windowHandle = undefined;
        break;
      default:
    }
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const REMEMBERED = 2000;
/** More of a selector is not looked at. */
const READ = 4096;
/** Two generations, so that the oldest can be forgotten without keeping order. */
let recent = new Map<string, Selector>();
let older = new Map<string, Selector>();

/** The selector that an element was found by. Its id is the browser's, and of one document only. */
export function rememberElement(id: string, selector: Selector): void {
  if (recent.size >= REMEMBERED) {
    older = recent;
    recent = new Map();
  }
  // By way of bytes: a slice would keep the whole.
  recent.set(id, selector.value.length <= READ ? selector : { using: selector.using, value: Buffer.from(selector.value.slice(0, READ)).toString() });
}

export function selectorOf(id: string | undefined): Selector | undefined {
  return id === undefined ? undefined : (recent.get(id) ?? older.get(id));
}
