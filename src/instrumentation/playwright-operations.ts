/**
 * Which messages of Playwright's protocol are selector operations. Names are the protocol's methods, or what its
 * public API calls them where that is another word; never an API name of the call, which an app may choose.
 */
import type { OperationClass } from '../selectors/selector-operation.ts';

/** A call is read as an operation when its owner is of one of these types. */
export const OWNERS: ReadonlySet<string> = new Set(['Frame', 'ElementHandle', 'Page']);

const ACTIONS = 'click dblclick tap check uncheck fill focus blur hover press type selectOption selectText setInputFiles dispatchEvent scrollIntoViewIfNeeded drop';
const QUERIES = 'querySelector querySelectorAll isVisible isHidden isEnabled isDisabled isChecked isEditable textContent innerText innerHTML getAttribute inputValue evalOnSelector evalOnSelectorAll ariaSnapshot boundingBox';
const WAITS = 'waitForSelector waitForElementState waitForFunction';

/** By method: the operation's name and class. `expect` and waits for events are read from their parameters. */
export const OPERATIONS: ReadonlyMap<string, readonly [name: string, kind: OperationClass]> = new Map<string, readonly [string, OperationClass]>([
  ...ACTIONS.split(' ').map((name) => [name, [name, 'action']] as const),
  ...QUERIES.split(' ').map((name) => [name, [name, 'query']] as const),
  ...WAITS.split(' ').map((name) => [name, [name, 'wait']] as const),
  ['dragAndDrop', ['dragTo', 'action']],
  ['queryCount', ['count', 'query']],
  ['expect', ['expect', 'assertion']],
  ['expectScreenshot', ['to.have.screenshot', 'assertion']],
  // What waits for an event tells when it begins and when it ends: `waitForEventInfo` before 1.60.
  ['__waitInfo__', ['waitForEvent', 'wait']],
  ['waitForEventInfo', ['waitForEvent', 'wait']],
]);

/** Calls whose result is a context of a browser: watched for the propagation of traces. */
export const CONTEXT_MAKERS: ReadonlySet<string> = new Set(['newContext', 'launchPersistentContext', 'connectOverCDP']);

/** `to.be.visible`, `to.have.text.array` … An expression that is not of Playwright's making is not shown. */
export function assertionName({ expression, isNot }: { readonly expression?: unknown; readonly isNot?: unknown }): string {
  const name = typeof expression === 'string' && /^to\.[a-z.]{1,60}$/.test(expression) ? expression : 'expect';
  return isNot === true ? `not.${name}` : name;
}
