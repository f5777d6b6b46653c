// @ts-check
/**
 * Calls through classes of the shape of Puppeteer's and Selenium's, without a browser: what is added to one is what the
 * hooks cost.
 *
 * Arguments: `with` or `without`; `puppeteer` or `selenium`; `query` (numbers only) or `action` (with a span).
 */
import { createRequire } from 'node:module';
import { instrumentPuppeteer, instrumentSelenium } from '../../dist/src/index.js';
import { provideRuntime } from '../../dist/src/runtime.js';
import { contestant } from '../harness/contestant.js';

const [, , hooks, driver, operation] = process.argv;

class ElementHandle {
  remoteObject() {}
  async isVisible() {}
  async waitForSelector() {}
  async click() {}
  /** @param {string} _selector */
  async $(_selector) {
    await Promise.resolve();
    return null;
  }
  async $eval() {}
}
const document = new ElementHandle();

class Frame {
  _id = 'FRAME';
  parentFrame() {}
  page() {
    return page;
  }
  url() {
    return 'http://127.0.0.1/form.html?step=2';
  }
  async waitForSelector() {}
  /** @param {string} selector */
  async click(selector) {
    await this.$(selector);
  }
  /** @param {string} selector */
  async $(selector) {
    await Promise.resolve();
    return document.$(selector);
  }
  async $eval() {}
}

class Page {
  #frame = new Frame();
  mainFrame() {
    return this.#frame;
  }
  url() {
    return this.#frame.url();
  }
  target() {
    return { _targetId: 'PAGE' };
  }
  viewport() {
    return { width: 1280, height: 720 };
  }
  async waitForSelector() {}
  /** @param {string} selector */
  click(selector) {
    return this.#frame.click(selector);
  }
  /** @param {string} selector */
  async $(selector) {
    return await this.#frame.$(selector);
  }
  async $eval() {}
}

class Locator {
  setTimeout() {}
  async click() {}
  async fill() {}
  async wait() {}
}
const page = new Page();

class Command {
  /** @type {Record<string, unknown>} */
  #parameters = {};
  #name;
  /** @param {string} name @param {Record<string, unknown>} parameters */
  constructor(name, parameters) {
    this.#name = name;
    this.#parameters = parameters;
  }
  getName() {
    return this.#name;
  }
  /** @param {string} key */
  getParameter(key) {
    return this.#parameters[key];
  }
  /** @param {Record<string, unknown>} parameters */
  setParameters(parameters) {
    this.#parameters = parameters;
    return this;
  }
  getParameters() {
    return this.#parameters;
  }
}

class WebDriver {
  executor_ = {};
  session_ = Promise.resolve({ getCapabilities: () => ({ getBrowserName: () => 'chrome', getBrowserVersion: () => '147' }) });
  getSession() {}
  findElement() {}
  findElements() {}
  wait() {}
  /** @param {Command} command */
  async execute(command) {
    await Promise.resolve();
    command.setParameters({ ...command.getParameters() });
    await Promise.resolve();
    return null;
  }
}
const webDriver = new WebDriver();

if (hooks === 'with') {
  provideRuntime(createRequire(import.meta.url)('../../dist/runtime.cjs').createRuntime);
  instrumentPuppeteer({ Page, Frame, ElementHandle, Locator, UTILITY_WORLD_NAME: '24.0.0' });
  instrumentSelenium({ WebDriver, version: '4.46.0' });
}

const SELECTORS = ['#submit', '.item:nth-child(3)', '[data-testid="card-number"]', '::-p-text(Send)'];
const ELEMENT = { 'element-6066-11e4-a52e-4f735466cecf': 'f.1.d.2.e.3' };

/** @type {Record<string, (i: number) => Promise<unknown>>} */
const calls = {
  'puppeteer query': (i) => page.$(/** @type {string} */ (SELECTORS[i & 3])),
  'puppeteer action': (i) => page.click(/** @type {string} */ (SELECTORS[i & 3])),
  'selenium query': (i) => webDriver.execute(new Command('findElement', { using: 'css selector', value: SELECTORS[i & 3] })),
  'selenium action': () => webDriver.execute(new Command('clickElement', { id: ELEMENT })),
};
const call = /** @type {(i: number) => Promise<unknown>} */ (calls[`${driver} ${operation}`]);

contestant(async (count) => {
  for (let i = 0; i < count; i++) await call(i);
});
