/** Playwright's patch on a client made by hand: what a real one does is in tests/browsers. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CallAccount, elementOf } from '../../src/instrumentation/playwright-call-log.ts';
import { assertionName } from '../../src/instrumentation/playwright-operations.ts';
import { PlaywrightInstrumentation, instrumentPlaywright } from '../../src/instrumentation/playwright.ts';
import { ownSdk } from '../support/own-sdk.ts';

const { spans, points } = ownSdk();

afterEach(() => {
  vi.restoreAllMocks();
});

type Answer = (method: string, params: any) => unknown;

/** A client of the shape that Playwright has had since 1.53, with a class of its own each time. */
function client(answer: Answer = () => ({})) {
  class Connection {
    _objects = new Map();
    _lastId = 0;
    async sendMessageToServer(_object: unknown, method: string, params: unknown, _options: object): Promise<unknown> {
      this._lastId++;
      return answer(method, params);
    }
  }
  const connection = new Connection();
  const page = { _type: 'Page', _guid: 'page@1', _viewportSize: { width: 1, height: 2 }, _browserContext: { _browser: { _name: 'chromium', _initializer: { version: '1.2' } }, _options: {} } };
  const frame = { _type: 'Frame', _guid: 'frame@1', _url: 'https://a.b/c?d=e', _page: page };
  Object.assign(page, { _mainFrame: frame });
  const send = (method: string, params: object = {}, options: object = { apiName: 'x' }, object: object = frame): Promise<any> => connection.sendMessageToServer(object, method, params, options);
  return { connection, page, frame, send, playwright: { chromium: { _connection: connection } }, prototype: Connection.prototype };
}

async function counts(): Promise<Record<string, number>> {
  const durations = await points('spoor.selector.duration');
  return Object.fromEntries(durations.map((point) => [[point.attributes['spoor.selector.operation'], point.attributes['error.type']].join(' ').trim(), (point.value as { count: number }).count]));
}

const finished = (): [string, Record<string, unknown>][] => spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes]);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the patch', () => {
  test('an action is a span, a read a number, and what is internal or no operation neither', async () => {
    const { playwright, send } = client((method) => (method === 'queryCount' ? { value: 7 } : {}));
    expect(instrumentPlaywright(playwright)).toBe(true);
    await send('click', { selector: '#a', strict: true });
    await send('queryCount', { selector: 'li' });
    await send('click', { selector: '#a' }, { internal: true });
    await send('goto', { url: 'x' });
    await settled();
    expect(finished()).toEqual([['click', expect.objectContaining({ 'spoor.selector.text': '#a', 'spoor.selector.match_count': 1, 'spoor.selector.page_id': 'page@1', 'spoor.selector.frame_id': 'frame@1', 'spoor.selector.viewport': '1x2', 'url.full': 'https://a.b/c?d=', 'user_agent.name': 'chromium', 'user_agent.version': '1.2' })]]);
    expect(await counts()).toEqual({ click: 1, count: 1 });
  });

  test('before 1.53 a call without the name of an API is internal', async () => {
    const { playwright, connection, frame, prototype } = client();
    const original = prototype.sendMessageToServer;
    prototype.sendMessageToServer = async function (this: typeof connection, object: unknown, method: string, params: unknown, _name: any, _frames?: any, _step?: any) {
      return original.call(this, object, method, params, {});
    } as never;
    Object.defineProperty(prototype.sendMessageToServer, 'length', { value: 6 });
    expect(instrumentPlaywright(playwright)).toBe(true);
    const send = prototype.sendMessageToServer as unknown as (...args: unknown[]) => Promise<unknown>;
    await send.call(connection, frame, 'click', { selector: '#a' }, 'locator.click', []);
    await send.call(connection, frame, 'click', { selector: '#a' }, undefined, []);
    // The app's, with a stack in which Playwright did not find its own function.
    await send.call(connection, frame, 'setInputFiles', { selector: '#a' }, '', []);
    await settled();
    expect(finished().map(([name]) => name)).toEqual(['click', 'setInputFiles']);
  });

  test('the caller gets the original promise, its rejection and its error', async () => {
    const error = Object.assign(new Error('Timeout 5ms exceeded.\nCall log:\n  - waiting for locator("x")'), { name: 'TimeoutError' });
    const { message, stack } = error;
    const promise = Promise.reject(error);
    const { playwright, prototype, connection, frame } = client();
    prototype.sendMessageToServer = function (_a: unknown, _b: string, _c: unknown, _d: object) {
      return promise;
    };
    instrumentPlaywright(playwright);
    const given = connection.sendMessageToServer(frame, 'click', { selector: '#a' }, {});
    expect(given).toBe(promise);
    await expect(given).rejects.toBe(error);
    expect([error.message, error.stack]).toEqual([message, stack]);
    await settled();
    expect(finished()).toEqual([['click', expect.objectContaining({ 'error.type': 'not_found' })]]);
  });

  test('it is found once, whoever looks for it, and its function looks the same', async () => {
    const { playwright, send, prototype, page } = client();
    const { length, name } = prototype.sendMessageToServer;
    instrumentPlaywright(playwright);
    instrumentPlaywright(Object.assign(page, { _connection: playwright.chromium._connection }));
    expect([prototype.sendMessageToServer.length, prototype.sendMessageToServer.name]).toEqual([length, name]);
    await send('click', { selector: '#a' });
    await settled();
    expect(await counts()).toEqual({ click: 1 });
  });

  test.each([
    ['nothing', undefined],
    ['a namespace without one', { chromium: {} }],
    ['a connection of another shape', { chromium: { _connection: { sendMessageToServer() {} } } }],
    ['one whose getters throw', new Proxy({}, { get: () => { throw new Error('no'); } })],
  ])('unknown: %s', (_, playwright) => {
    expect(instrumentPlaywright(playwright)).toBe(false);
  });

  test('objects of another shape leave the call as it is', async () => {
    const { playwright, send } = client(() => 'answer');
    instrumentPlaywright(playwright);
    const hostile = { _type: 'Frame', get _page() { throw new Error('no'); } };
    expect(await send('click', { selector: '#a' }, {}, hostile)).toBe('answer');
    expect(await send('click', undefined, undefined as never, {})).toBe('answer');
    expect(await send('expect', { expression: 5 })).toBe('answer');
  });

  test('10,000 at once are all counted', async () => {
    const waiting: (() => void)[] = [];
    const { playwright, send } = client(() => new Promise<void>((resolve) => waiting.push(resolve)));
    instrumentPlaywright(playwright);
    const calls = Array.from({ length: 10_000 }, (_, i) => send(i % 2 ? 'queryCount' : 'click', { selector: `#a${i}` }));
    waiting.forEach((resolve) => resolve());
    await Promise.all(calls);
    await settled();
    expect(await counts()).toEqual({ click: 5_000, count: 5_000 });
  });

  test('an instrumentation that is disabled records nothing any more', async () => {
    const { send, playwright } = client();
    instrumentPlaywright(playwright);
    const instrumentation = new PlaywrightInstrumentation();
    instrumentation.disable();
    instrumentation.disable();
    await send('click');
    await settled();
    expect(await counts()).toEqual({ click: 1 });
  });
});

describe('assertions', () => {
  test('are named by their expression, never by a text', () => {
    expect(assertionName({ expression: 'to.be.visible' })).toBe('to.be.visible');
    expect(assertionName({ expression: 'to.have.text.array', isNot: true })).toBe('not.to.have.text.array');
    expect(assertionName({ expression: 'customer Jane' })).toBe('expect');
  });

  test.each([
    ['holds', { expression: 'to.be.visible', isNot: false }, { matches: true }, undefined],
    ['does not, before 1.60', { expression: 'to.be.visible', isNot: false }, { matches: false, timedOut: true, log: ['locator resolved to <p>'] }, 'assertion_failed'],
    ['finds nothing, before 1.60', { expression: 'to.be.visible', isNot: false }, { matches: false, timedOut: true, log: ['waiting for locator("x")'] }, 'not_found'],
    ['holds, negated', { expression: 'to.be.visible', isNot: true }, { matches: false }, undefined],
    ['does not, negated', { expression: 'to.be.visible', isNot: true }, { matches: true }, 'assertion_failed'],
    ['does not, since 1.60', { expression: 'to.be.visible', isNot: false }, Object.assign(new Error('Expect failed\nresolved to <p>'), { name: 'ExpectError', details: { timedOut: true } }), 'assertion_failed'],
    ['is ambiguous', { expression: 'to.be.visible', isNot: false }, Object.assign(new Error("strict mode violation: locator('p') resolved to 3 elements:"), { name: 'ExpectError', details: {} }), 'ambiguous'],
    ['is of a closed page', { expression: 'to.be.visible', isNot: false }, new Error('Target page, context or browser has been closed'), 'target_closed'],
  ])('one that %s', async (_, params, answer, type) => {
    const { playwright, send } = client(() => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
    instrumentPlaywright(playwright);
    await send('expect', { selector: 'p', ...params }).catch(() => {});
    await settled();
    expect(finished()).toEqual([[params.isNot ? 'not.to.be.visible' : 'to.be.visible', expect.objectContaining({ 'spoor.selector.outcome': type ? 'failed' : 'completed', ...(type && { 'error.type': type }) })]]);
  });
});

test('the selector of an element handle is that by which it was found', async () => {
  const handle = { _type: 'ElementHandle', _guid: 'handle@1' };
  const { playwright, send, frame } = client((method) => (method === 'querySelectorAll' ? { elements: [{ _object: handle }] } : {}));
  Object.assign(handle, { _frame: frame });
  instrumentPlaywright(playwright);
  await send('querySelectorAll', { selector: '.row' });
  await settled();
  await send('click', {}, {}, handle);
  await send('waitForSelector', { selector: 'a' }, {}, handle);
  await settled();
  expect(finished().map(([name, attributes]) => [name, attributes['spoor.selector.text']])).toEqual([['click', '.row'], ['waitForSelector', '.row >> a']]);
});

test('waits for events end with their second message', async () => {
  const { playwright, send, page } = client();
  instrumentPlaywright(playwright);
  await send('__waitInfo__', { waitId: '1', phase: 'before', event: 'popup' }, {}, page);
  await send('waitForEventInfo', { info: { waitId: '2', phase: 'before', event: '' } }, {}, page);
  expect(finished()).toEqual([]);
  await send('__waitInfo__', { waitId: '1', phase: 'after' }, { internal: true }, page);
  await send('waitForEventInfo', { info: { waitId: '2', phase: 'after', error: 'Timeout 5ms exceeded.' } }, { internal: true }, page);
  expect(finished()).toEqual([['waitForEvent', expect.objectContaining({ 'spoor.selector.outcome': 'completed' })], ['waitForNavigation', expect.objectContaining({ 'error.type': 'timeout' })]]);
});

describe('the call log', () => {
  test('tells of retries, matches and the element', () => {
    const account = new CallAccount();
    for (const line of ["waiting for locator('#a')", '  locator resolved to 3 elements. Proceeding with the first one: <li role="row" data-testid="r" class="a b">Jane</li>', 'attempting click action', 'retrying click action', '  waiting 20ms', 'retrying click action', 'performing click action']) account.line(line);
    const { ready } = account;
    account.line('click action done');
    expect(account).toMatchObject({ heard: true, found: true, retries: 2, matches: 3, ready });
    expect(account.takeElement()).toEqual({ tag: 'li', role: 'row', testId: 'r', classes: 'a b' });
    expect(account.takeElement()).toBeUndefined();
  });

  test('of an element only its attributes are read, never what is in them or in it by another name', () => {
    expect(elementOf('locator resolved to <input value="hunter2" id="x" type="text" class="c"/>')).toEqual({ tag: 'input', role: null, testId: null, classes: 'c' });
    expect(elementOf('locator resolved to <p> class="no" role="no"</p>')).toEqual({ tag: 'p', role: null, testId: null, classes: null });
    expect(elementOf('nothing')).toBeUndefined();
  });

  test('nothing in a page makes it throw, or take long', () => {
    fc.assert(fc.property(fc.string(), (text) => void elementOf(`<a ${text}`)));
    for (const unit of [' a="', ' a', '"', '<', '=']) elementOf(`<a ${unit.repeat(200_000)}`);
  });
});
