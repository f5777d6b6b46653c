/** Programs that drive Puppeteer. They run with and without spoor, and have to print the same. */

/** Prints what a call came to: its result, or all that the app sees of its error. */
const SAY = `
// Node's own frames come and go with what else is due.
const said = (text) => String(text).replaceAll(/[0-9A-F]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID').replaceAll(/\\n +at [^\\n]*node:internal[^\\n]*/g, '');
const shown = (value) => (Array.isArray(value) ? value.map(shown) : typeof value === 'object' && value !== null ? value.constructor.name : value);
const say = async (what, call) => {
  try {
    console.log(what, '=', JSON.stringify(shown(await call())));
  } catch (error) {
    console.log(what, '!', error.name);
    for (let one = error; one; one = one.cause) console.log(said(one.stack));
  }
};
`;

const LAUNCH = `
const puppeteer = require('puppeteer-core');
const { instrument } = require('./instrument.cjs');
`;

/** What the program's `./instrument.cjs` is: nothing, or spoor by hand. */
export const INSTRUMENT = {
  nothing: 'exports.instrument = () => {};',
  /** The module, as `import * as puppeteer` gives it. */
  module: byHand("await import('puppeteer-core')"),
  /** What the program has of it. */
  given: byHand('given'),
} as const;

function byHand(what: string): string {
  return `exports.instrument = async (given) => {
  const { start, instrumentPuppeteer } = await import(process.env.SPOOR);
  start();
  if (!instrumentPuppeteer(${what})) console.error('not instrumented');
};`;
}

/** Everything that Puppeteer does with selectors. */
export const EVERYTHING = `${LAUNCH}${SAY}
const main = async () => {
  await instrument(puppeteer);
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  const go = (path, to = page) => to.goto(process.env.PAGES + path);
  await go('/form.html?from=mail&token=s3cr3t');

  // Queries.
  await say('$', () => page.$('#name'));
  await say('$ none', () => page.$('#none'));
  await say('$$', () => page.$$('#order input'));
  await say('$$ none', () => page.$$('.none'));
  await say('$eval', () => page.$eval('h1', (element) => element.textContent + new Error().stack.split('\\n')[1]));
  await say('$$eval', () => page.$$eval('input', (elements) => elements.length));
  await say('$eval string', () => page.$eval('h1', 'element => element.id'));

  // Actions, by page, frame, handle and locator.
  await say('type', () => page.type('#name', 'Jane Doe'));
  await say('focus', () => page.focus('#card'));
  await say('hover', () => page.hover('#submit'));
  await say('select', () => page.select('#size', 'm'));
  await say('click', () => page.click('#submit'));
  await say('clicked', () => page.$eval('#result', (element) => element.textContent));
  await say('frame.click', () => page.mainFrame().click('#reset'));
  const terms = await page.$('#terms');
  await say('handle.click', () => terms.click());
  await say('handle.evaluate', () => terms.evaluate((element) => element.checked));
  await say('handle.isVisible', () => terms.isVisible());
  await say('handle.press', async () => (await page.$('#notes')).press('a'));
  await say('handle.boundingBox', async () => Object.keys(await terms.boundingBox()).sort());
  const form = await page.$('form');
  await say('handle.$', () => form.$('select'));
  await say('handle.$$', async () => (await form.$$('label')).length);
  await say('uploadFile', async () => (await page.$('#file')).uploadFile(process.env.UPLOAD));
  await say('locator.fill', () => page.locator('#card').fill('4111 1111 1111 1111'));
  await say('locator.click', () => page.mainFrame().locator('::-p-text(Place order)').click());
  await say('locator.wait', () => page.locator('#password').map((element) => element.type).wait());
  await say('drop', async () => (await page.$('#drop')).drop(await page.$('#drag')));

  // Waits.
  await go('/late.html?after=150');
  await say('waitForSelector', () => page.waitForSelector('#late'));
  await say('waitForSelector hidden', () => page.waitForSelector('#leaving', { hidden: true }));
  await say('waitForFunction', () => page.waitForFunction(() => document.title).then((handle) => handle.jsonValue()));
  await go('/late.html?after=250');
  await say('locator of a late button', () => page.locator('#disabled').click());
  await go('/list.html');
  await say('waitForNavigation', () => Promise.all([page.waitForNavigation(), page.click('#next')]).then(([response]) => response.status()));

  // Frames, popups, contexts.
  await go('/frames.html');
  const inner = await (await page.waitForSelector('#form-frame')).contentFrame();
  await say('frame', () => inner.type('#name', 'Joe'));
  await say('frame.$eval', () => inner.$eval('#name', (element) => element.value));
  await go('/list.html');
  await say('popup', async () => {
    const popup = new Promise((resolve) => page.once('popup', resolve));
    await page.click('#popup');
    const opened = await popup;
    return (await opened.waitForSelector('h1')).evaluate((element) => element.textContent);
  });
  await say('contexts', async () => {
    const pages = await Promise.all([1, 2, 3].map(async () => (await browser.createBrowserContext()).newPage()));
    return Promise.all(pages.map(async (one, index) => {
      await go('/list.html', one);
      return (await one.$$('.item')).length + index;
    }));
  });

  // Order: what is begun first ends first.
  const ended = [];
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => page.$('#items').then(() => ended.push(name))));
  console.log('order', ended.join());

  // Failures.
  await say('not found', () => page.click('#none'));
  await say('not found, deep', async () => {
    const one = async () => { await page.type('#none', 'hunter2'); };
    const two = async () => { await one(); };
    const three = async () => { await Promise.all([two()]); };
    const four = async () => { await three(); };
    await four();
  });
  await go('/form.html');
  await say('not clickable', () => page.click('#hidden'));
  await say('no select', () => page.select('#name', 'x'));
  await say('invalid', () => page.$('[['));
  await say('timeout', () => page.waitForSelector('.none', { timeout: 80 }));
  await say('timeout hidden', () => page.waitForSelector('h1', { timeout: 80, hidden: true }));
  await say('timeout locator', () => page.locator('.none').setTimeout(80).click());
  await say('timeout navigation', () => page.waitForNavigation({ timeout: 80 }));
  await say('aborted', () => { const stop = new AbortController(); setTimeout(() => stop.abort(), 50); return page.waitForSelector('.none', { signal: stop.signal }); });
  // For a reason of the app's own, with more frames than its errors have now.
  Error.stackTraceLimit = 20;
  const reason = (function deeper(n) { return n > 0 ? deeper(n - 1) : new RangeError('enough'); })(25);
  Error.stackTraceLimit = 10;
  const stopped = () => { const stop = new AbortController(); setTimeout(() => stop.abort(reason), 50); return { signal: stop.signal }; };
  await say('aborted for a reason', () => page.waitForSelector('.none', stopped()));
  await say('aborted locator', () => page.locator('.none').click(stopped()));
  await say('aborted function', () => page.waitForFunction('false', stopped()));
  await say('page function throws', () => page.$eval('h1', () => { throw new Error('in the page'); }));
  await say('no function', () => page.$eval('h1'));
  // There Node's ticks come before the promises.
  await say('no function, in a timer', () => new Promise((resolve, reject) => { setTimeout(() => { page.$eval('h1').then(resolve, reject); }); }));
  const stale = await page.$('#submit');
  await page.evaluate(() => document.getElementById('submit').remove());
  await say('removed', () => stale.click());
  await stale.dispose();
  await say('disposed', () => stale.click());
  await say('race', () => page.locator('#none').constructor.race([page.locator('#none').setTimeout(5000), page.locator('#reset')]).click());
  // Puppeteer makes its error before it waits for a document, and throws it when there is none.
  const gone = await browser.newPage();
  await go('/list.html', gone);
  await gone.close();
  await say('gone', () => gone.click('#open'));
  await browser.close();
};
main();
`;

/** What that does: operation, selector, error. */
export const RECORDED = [
  '$ #name', '$ #none', '$$ #order input', '$$ .none', '$eval h1', '$$eval input', '$eval h1', 'type #name', 'focus #card', 'hover #submit',
  'select #size', 'click #submit', '$eval #result', 'click #reset', '$ #terms', 'click #terms', 'evaluate #terms', 'isVisible #terms', '$ #notes',
  'press #notes', 'boundingBox #terms', '$ form', '$ select', '$$ label', '$ #file', 'uploadFile #file', 'fill #card', 'click ::-p-text("…")',
  'wait #password', '$ #drag', '$ #drop', 'drop #drop', 'waitForSelector #late', 'waitForSelector #leaving', 'waitForFunction', 'click #disabled',
  'waitForNavigation', 'click #next', 'waitForSelector #form-frame', 'contentFrame #form-frame', 'type #name', '$eval #name', 'click #popup',
  'waitForSelector h1', 'evaluate h1', '$$ .item', '$$ .item', '$$ .item', '$ #items', '$ #items', '$ #items', '$ #items', 'click #none → not_found',
  'type #none → not_found', 'click #hidden → not_actionable', 'select #name → not_actionable', '$ [[ → invalid_selector',
  'waitForSelector .none → not_found', 'waitForSelector h1 → timeout', 'click .none → not_found', 'waitForNavigation → timeout',
  'waitForSelector .none → aborted', 'waitForSelector .none → aborted', 'click .none → aborted', 'waitForFunction → aborted', '$eval h1 → Error', '$eval h1 → TypeError', '$eval h1 → TypeError', '$ #submit', 'click #submit → detached', 'click #submit → detached',
  // Which locator of a race wins is not told.
  'click', 'click #open → target_closed',
];

/** Pages and browsers that go away in the middle of a call. */
export const GONE = `${LAUNCH}
const name = async (call) => {
  try {
    await call;
    console.log('no error');
  } catch (error) {
    console.log(error.name);
  }
};
const main = async () => {
  await instrument(puppeteer);
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const open = async () => {
    const page = await browser.newPage();
    page.on('error', () => {});
    await page.goto(process.env.PAGES + '/form.html');
    return page;
  };
  const closing = await open();
  const waiting = closing.waitForSelector('#closes');
  setTimeout(() => closing.close(), 50);
  await name(waiting);
  const located = await open();
  const locating = located.locator('#closes-too').setTimeout(300).click();
  setTimeout(() => located.close(), 50);
  await name(locating);
  const crashing = await open();
  const crash = crashing.waitForSelector('#crashes', { timeout: 1000 });
  setTimeout(() => crashing.goto('chrome://crash').catch(() => {}), 50);
  await name(crash);
  const framed = await browser.newPage();
  await framed.goto(process.env.PAGES + '/frames.html');
  const frame = await (await framed.$('#form-frame')).contentFrame();
  const inFrame = frame.waitForSelector('#detaches');
  setTimeout(() => framed.$eval('#form-frame', (element) => element.remove()), 50);
  await name(inFrame);
  const last = await open();
  const killed = last.waitForSelector('#killed');
  setTimeout(() => browser.process().kill('SIGKILL'), 50);
  await name(killed);
  await name((async () => last.$('#after'))());
};
main();
`;

/** By the protocol that Firefox speaks too. */
export const BIDI = `${LAUNCH}${SAY}
const main = async () => {
  const browser = await puppeteer.launch({ ...JSON.parse(process.env.CHROMIUM), protocol: 'webDriverBiDi' });
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/form.html');
  await say('click', () => page.click('#reset'));
  await say('locator', () => page.locator('#none').setTimeout(80).click());
  await page.close();
  await say('closed', () => page.click('#submit').catch((error) => error.name));
  await browser.close();
};
main();
`;

/** What a page that looks for it sees. */
export const WATCHED = `${LAUNCH}
const main = async () => {
  await instrument(puppeteer);
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/watch.html');
  await page.click('#button');
  await page.type('#input', 'abc');
  await page.locator('#button').click();
  await (await page.$('#target')).evaluate((element) => element.textContent);
  await page.waitForSelector('#target');
  await page.$$eval('div', (elements) => elements.length);
  await page.click('#none').catch(() => {});
  console.log(await page.evaluate('finish()'));
  await browser.close();
};
main();
`;

/** Types secrets wherever they can be typed. */
export const SECRETS = `${LAUNCH}
const main = async () => {
  await instrument(puppeteer);
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES.replace('//', '//user:Passw0rd-in-url@') + '/form.html?token=Token-in-query#Fragment-secret').catch(() => page.goto(process.env.PAGES + '/form.html?token=Token-in-query#Fragment-secret'));
  await page.type('#password', 'Hunter2-typed');
  await page.locator('#card').fill('4111-1111-1111-1234');
  await page.select('#size', 'Value-selected').catch(() => {});
  await page.$eval('#name', (element, value) => { element.value = value; }, 'Jane-Argument');
  await page.$('input[value="Jane-Selector Doe"]');
  await page.click('::-p-text(Jane-Text Doe)').catch(() => {});
  await page.click('text/Jane-Prefix Doe').catch(() => {});
  await page.click('aria/Jane-Aria Doe').catch(() => {});
  await page.waitForSelector('xpath///p[contains(text(), "Jane-Xpath Doe")]', { timeout: 50 }).catch(() => {});
  await page.waitForSelector('a[href="https://example.com/?key=Key-in-href"]', { timeout: 50 }).catch(() => {});
  await page.$eval('#name', () => { throw new Error('Message-in-page'); }).catch(() => {});
  await (await page.$('#name')).type('Jane-Handle');
  await page.locator('::-p-aria(Jane-Locator Doe)').setTimeout(50).fill('Locator-value').catch(() => {});
  await browser.close();
};
main();
`;

/** Selectors of a megabyte. */
export const HUGE = `${LAUNCH}
const main = async () => {
  await instrument(puppeteer);
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/list.html');
  const selector = '#' + 'x'.repeat(1e6);
  console.log(await page.$(selector));
  await page.click('[data-x="' + 'y'.repeat(1e6) + '"]').catch((error) => console.log(error.message.length > 1e6));
  await page.waitForSelector(selector, { timeout: 50 }).catch((error) => console.log(error.message.length > 1e6));
  await browser.close();
};
main();
`;

/** Dies of an error that Puppeteer threw. */
export const CRASH = `${LAUNCH}
const main = async () => {
  await instrument(puppeteer);
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/form.html');
  const handle = await page.$('#name');
  await browser.close();
  if (process.env.HOW === 'async') await page.mainFrame().page().locator('#x').setTimeout(50).click();
  await handle.dispose();
  process.once('beforeExit', () => handle.click());
};
main();
`;

/** A library that looks like Puppeteer, but for one class. */
export const UNKNOWN = `
const { instrument } = require('./instrument.cjs');
class Page { async $(selector) { return selector; } async $eval() {} async click() {} async waitForSelector() {} url() { return ''; } mainFrame() {} }
class Frame { async find() {} }
class ElementHandle {}
class Locator {}
const main = async () => {
  await instrument({ Page, Frame, ElementHandle, Locator });
  await instrument({ Page, Frame, ElementHandle, Locator });
  console.log(await new Page().$('#x'), Page.prototype.$.toString());
};
main();
`;

export const TWO_COPIES = `${LAUNCH}
const main = async () => {
  const other = require(process.env.OTHER);
  const count = async (library) => {
    const browser = await library.launch(JSON.parse(process.env.CHROMIUM));
    const page = await browser.newPage();
    await page.goto(process.env.PAGES + '/list.html');
    console.log((await page.$$('.item')).length);
    await browser.close();
  };
  await count(puppeteer);
  await count(other);
  await count(puppeteer);
};
main();
`;
