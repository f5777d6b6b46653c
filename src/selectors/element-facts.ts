/**
 * One look at an element in the page: the only time that spoor asks the browser anything, and only where
 * `selectors.resolve` was told to (`fingerprint: 'evaluate'`). Takes the handles of Playwright, Puppeteer and
 * Selenium.
 */
import type { ElementFacts } from './fingerprint.ts';
import { PATIENCE, answered } from './patience.ts';

/** What the element tells of itself; undefined when the handle is of no kind known here, or did not answer. Never rejects. */
export async function factsOf(found: unknown): Promise<ElementFacts | undefined> {
  const facts = await answered(() => ask(Array.isArray(found) ? (found[0] as unknown) : found));
  return typeof facts === 'object' && facts !== null ? (facts as ElementFacts) : undefined;
}

type Evaluates = { evaluate(inPage: typeof look, argument?: undefined, options?: { timeout: number }): Promise<unknown> };
type WebElement = { getDriver(): { executeScript(script: string, element: unknown): Promise<unknown> } };

function ask(handle: unknown): Promise<unknown> | undefined {
  if (typeof handle !== 'object' || handle === null) return undefined;
  if (typeof (handle as Partial<WebElement>).getDriver === 'function') return Promise.resolve((handle as WebElement).getDriver().executeScript(`return (${look})(arguments[0])`, handle));
  if (typeof (handle as Partial<Evaluates>).evaluate !== 'function') return undefined;
  // A locator of Playwright waits for its element; a handle has it. Only the former takes a time limit.
  const isLocator = typeof (handle as { elementHandle?: unknown }).elementHandle === 'function';
  return Promise.resolve(isLocator ? (handle as Evaluates).evaluate(look, undefined, { timeout: PATIENCE }) : (handle as Evaluates).evaluate(look));
}

/** The part of the DOM that is looked at. */
interface Element {
  readonly tagName: string;
  readonly textContent: string | null;
  readonly parentElement: { readonly children: ArrayLike<Element> } | null;
  getAttribute(name: string): string | null;
}

/** On the function that looks, whichever copy of spoor it is of: what is done with it is no operation of the app's. */
export const LOOK = Symbol.for('spoor.look');
Object.defineProperty(look, LOOK, { value: true });

/** Runs in the page: everything that it uses is within. */
function look(element: Element): ElementFacts {
  const tag = element.tagName.toLowerCase();
  const type = element.getAttribute('type') ?? '';
  const implicit: Record<string, string> = { a: 'link', button: 'button', select: 'combobox', textarea: 'textbox', nav: 'navigation', ul: 'list', li: 'listitem', table: 'table', img: 'img', h1: 'heading', h2: 'heading', h3: 'heading' };
  const ofInput: Record<string, string> = { checkbox: 'checkbox', radio: 'radio', button: 'button', submit: 'button', range: 'slider', number: 'spinbutton' };
  const testId = ['data-testid', 'data-test-id', 'data-test', 'data-cy', 'data-qa'].map((name) => element.getAttribute(name)).find((value) => value !== null);
  return {
    tag,
    role: element.getAttribute('role') ?? (tag === 'input' ? (ofInput[type] ?? 'textbox') : (implicit[tag] ?? null)),
    testId: testId ?? null,
    classes: element.getAttribute('class') ?? '',
    text: (element.textContent ?? '').slice(0, 4096),
    ...(element.parentElement && { position: Array.prototype.indexOf.call(element.parentElement.children, element) }),
  };
}
