import { describe, expect, test } from 'vitest';
import { puppeteerFailure } from '../../src/instrumentation/puppeteer-failure.ts';
import { failureOf } from '../../src/selectors/failure.ts';

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/** Messages as the drivers' versions of today give them. */
describe('error.type', () => {
  test.each([
    ['not_found', 'TimeoutError', "locator.click: Timeout 500ms exceeded.\nCall log:\n  - waiting for locator('#x')\n"],
    ['not_actionable', 'TimeoutError', "locator.click: Timeout 500ms exceeded.\nCall log:\n  - waiting for locator('#x')\n    - locator resolved to <button disabled>x</button>\n  - attempting click action\n"],
    ['not_found', 'Error', "Test timeout of 4000ms exceeded.\nCall log:\n  - waiting for locator('#x')\n"],
    ['timeout', 'TimeoutError', 'page.waitForURL: Timeout 500ms exceeded.'],
    ['not_found', 'TimeoutError', 'Waiting for selector `#x` failed'],
    ['timeout', 'TimeoutError', 'Waiting for title to be "x"\nWait timed out after 500ms'],
    ['invalid_selector', 'Error', "locator.count: Unexpected token \"]\" while parsing css selector \"a]\". Did you mean to CSS.escape it?"],
    ['invalid_selector', 'SyntaxError', "Failed to execute 'querySelector' on 'Document': 'a]' is not a valid selector."],
    ['invalid_selector', 'InvalidSelectorError', 'invalid selector: An invalid or illegal selector was specified'],
    ['invalid_selector', 'Error', 'locator.click: Unknown engine "foo" while parsing selector foo=bar'],
    ['target_closed', 'Error', 'locator.click: Target page, context or browser has been closed'],
    ['target_closed', 'TargetCloseError', 'Protocol error (Runtime.callFunctionOn): Target closed'],
    ['target_closed', 'NoSuchSessionError', 'invalid session id'],
    ['target_crashed', 'Error', 'locator.click: Target crashed'],
    ['not_found', 'Error', 'No element found for selector: #x'],
    ['not_found', 'NoSuchElementError', 'no such element: Unable to locate element: {"method":"css selector","selector":"#x"}'],
    ['not_actionable', 'ElementClickInterceptedError', 'element click intercepted: …'],
    ['not_actionable', 'Error', 'Node is either not clickable or not an Element'],
    ['not_actionable', 'Error', 'locator.fill: Error: Element is not an <input>, <textarea>, <select> or [contenteditable] and does not have a role allowing [aria-readonly]'],
    ['detached', 'Error', 'elementHandle.click: Element is not attached to the DOM'],
    ['detached', 'StaleElementReferenceError', 'stale element reference'],
    ['aborted', 'AbortError', 'This operation was aborted'],
    ['TypeError', 'TypeError', 'x is not a function'],
    ['error', 'a b', 'whatever'],
    // What the app wrote decides nothing.
    ['Error', 'Error', "cannot do 'strict mode violation' or \"Target closed\""],
  ])('%s: %s: %s', (type, name, message) => expect(failureOf(named(name, message)).type).toBe(type));

  test('an ambiguous selector tells how many it found', () => {
    expect(failureOf(named('Error', "locator.click: Error: strict mode violation: locator('li') resolved to 12 elements:\n    1) <li>a</li>"))).toEqual({ type: 'ambiguous', matches: 12 });
  });

  test("Puppeteer's wait that failed for another reason has not found out whether there is an element", () => {
    const known = { found: undefined, isElementEnough: true, isClosed: false, isAborted: false };
    const failed = (cause?: Error): Error => new Error('Waiting for selector `#x` failed', { cause });
    expect(puppeteerFailure(failed(named('Error', 'stop')), known).type).toBe('Error');
    expect(puppeteerFailure(failed(named('RangeError', 'stop')), known).type).toBe('RangeError');
    expect(puppeteerFailure(failed(named('TimeoutError', 'Waiting failed: 50ms exceeded')), known).type).toBe('not_found');
    expect(puppeteerFailure('stop', { ...known, isAborted: true }).type).toBe('aborted');
    expect(puppeteerFailure('stop', known).type).toBe('error');
  });

  test('what the driver told on the way counts more than the message', () => {
    expect(failureOf(named('TimeoutError', 'Timeout 500ms exceeded.'), true).type).toBe('not_actionable');
    expect(failureOf(named('TimeoutError', 'Timeout 500ms exceeded.'), false).type).toBe('not_found');
  });

  test('anything may be thrown', () => {
    const hostile = new Proxy({}, { get: () => { throw new Error('no'); } });
    for (const thrown of [undefined, null, 1, 'text', {}, hostile, Object.create(null), { message: 'x'.repeat(1e6) }]) expect(failureOf(thrown).type).toBe('error');
  });
});
