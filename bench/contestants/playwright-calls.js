// @ts-check
/**
 * Calls through a client of Playwright's shape, without a browser: what is added to one is what the hooks cost. The
 * client and the server's call log are stubs of the same make with and without them.
 *
 * Arguments: `with` or `without`; `count` (numbers only) or `click` (with a span).
 */
import { createRequire } from 'node:module';
import { instrumentPlaywright } from '../../dist/src/index.js';
import { provideRuntime } from '../../dist/src/runtime.js';
import { contestant } from '../harness/contestant.js';

const [, , hooks, operation] = process.argv;

/** @type {{ onCallLog(object: object, metadata: { id: string }, name: string, message: string): void }[]} */
const listeners = [];
const server = { instrumentation: { addListener: (/** @type {(typeof listeners)[number]} */ listener) => listeners.push(listener) } };
const LINES = [
  "waiting for locator('#submit')",
  '  locator resolved to <button id="submit" type="submit" data-testid="submit" class="button primary">Send</button>',
  'attempting click action',
  '  waiting for element to be visible, enabled and stable',
  '  element is visible, enabled and stable',
  '  scrolling into view if needed',
  '  done scrolling',
  'performing click action',
  '  click action done',
];

class Connection {
  _objects = new Map([['Playwright', { _type: 'Playwright' }]]);
  _lastId = 0;
  /** @type {(object: { _server?: object, _type?: string }) => object | undefined} */
  toImpl = (object) => (object._type === 'Playwright' ? server : object._server);

  /** @param {object} object @param {string} method @param {object} params @param {object} options */
  async sendMessageToServer(object, method, params, options) {
    const id = `call@${++this._lastId}`;
    await Promise.resolve();
    if (method === 'queryCount') return { value: 1 };
    for (const line of LINES) for (const listener of listeners) listener.onCallLog(object, { id }, 'api', line);
    return { params, options };
  }
}

const connection = new Connection();
const context = { _browser: { _name: 'chromium', _initializer: { version: '147.0.1' } }, _options: {}, _server: { on() {} } };
const page = { _type: 'Page', _guid: 'page@1', _viewportSize: { width: 1280, height: 720 }, _browserContext: context, _server: {} };
const frame = { _type: 'Frame', _guid: 'frame@1', _url: 'http://127.0.0.1/form.html?step=2', _page: page };

if (hooks === 'with') {
  provideRuntime(createRequire(import.meta.url)('../../dist/runtime.cjs').createRuntime);
  instrumentPlaywright({ chromium: { _connection: connection } });
}

const SELECTORS = ['#submit', 'internal:role=button[name="Send"i]', '.item >> nth=3', 'internal:testid=[data-testid="submit"s]'];
const method = operation === 'click' ? 'click' : 'queryCount';

contestant(async (count) => {
  for (let i = 0; i < count; i++) await connection.sendMessageToServer(frame, method, { selector: SELECTORS[i & 3], strict: true }, { apiName: 'x' });
});
