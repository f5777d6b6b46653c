/** Programs that drive Selenium. They run with and without spoor, and have to print the same. */

const START = `
const selenium = require('selenium-webdriver');
const chrome = require('selenium-webdriver/chrome.js');
const firefox = require('selenium-webdriver/firefox.js');
const { instrument } = require('./instrument.cjs');
const { Builder, By, until, Key, Select } = selenium;
const build = () => {
  if (process.env.GECKODRIVER) {
    const { driver, browser } = JSON.parse(process.env.GECKODRIVER);
    const options = new firefox.Options().setBinary(browser).addArguments('-headless');
    return new Builder().forBrowser('firefox').setFirefoxOptions(options).setFirefoxService(new firefox.ServiceBuilder(driver)).build();
  }
  const { driver, browser, args } = JSON.parse(process.env.CHROMEDRIVER);
  const options = new chrome.Options().setChromeBinaryPath(browser).addArguments(...args);
  return new Builder().forBrowser('chrome').setChromeOptions(options).setChromeService(new chrome.ServiceBuilder(driver)).build();
};
// Node's own frames come and go with what else is due; chromedriver's have addresses, geckodriver's ids.
const said = (text) => String(text).replaceAll(/\\n +at [^\\n]*node:internal[^\\n]*/g, '').replaceAll(/\\n#\\d+ [^\\n]*/g, '').replaceAll(/after \\d+ms/g, 'after some time').replaceAll(/[0-9A-F]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID');
const shown = (value) => (Array.isArray(value) ? value.map(shown) : typeof value === 'object' && value !== null ? value.constructor.name : value);
const say = async (what, call) => {
  try {
    console.log(what, '=', JSON.stringify(shown(await call())));
  } catch (error) {
    console.log(what, '!', error.name, said(error.stack));
  }
};
`;

/** What the program's `./instrument.cjs` is, to instrument it by hand. */
export const BY_HAND = `exports.instrument = async (given) => {
  const { start, instrumentSelenium } = await import(process.env.SPOOR);
  start();
  if (!instrumentSelenium(given)) console.error('not instrumented');
};`;

/** Everything that Selenium does with selectors. */
export const EVERYTHING = `${START}
const main = async () => {
  await instrument(selenium);
  const driver = await build();
  const go = (path) => driver.get(process.env.PAGES + path);
  await go('/form.html?from=mail&token=s3cr3t');

  // Queries.
  await say('findElement', () => driver.findElement(By.id('name')));
  await say('findElements', async () => (await driver.findElements(By.css('#order input'))).length);
  await say('findElements none', () => driver.findElements(By.css('.none')));
  await say('child', async () => (await (await driver.findElement(By.css('form'))).findElements(By.css('label'))).length);
  await say('child by promise', () => driver.findElement(By.css('form')).findElement(By.tagName('select')).getTagName());
  await say('getText', async () => (await driver.findElement(By.css('h1'))).getText());
  await say('getText by promise', () => driver.findElement(By.css('h1')).getText());
  await say('getAttribute', () => driver.findElement(By.name('name')).getAttribute('placeholder'));
  await say('isDisplayed', () => driver.findElement(By.id('hidden')).isDisplayed());
  await say('isEnabled', () => driver.findElement(By.xpath('//button[1]')).isEnabled());
  await say('getRect', async () => Object.keys(await driver.findElement(By.css('h1')).getRect()).sort());
  await say('getCssValue', () => driver.findElement(By.css('h1')).getCssValue('display'));
  await say('function', () => driver.findElement((context) => context.findElements(By.css('button'))));

  // Actions.
  await say('sendKeys', () => driver.findElement(By.id('name')).sendKeys('Jane Doe'));
  await say('clear', () => driver.findElement(By.id('name')).clear());
  await say('click', () => driver.findElement(By.id('terms')).click());
  await say('select', async () => new Select(await driver.findElement(By.id('size'))).selectByIndex(1));
  await say('upload', () => driver.findElement(By.id('file')).sendKeys(process.env.UPLOAD));
  await say('click submit', () => driver.findElement(By.id('submit')).click());
  await say('clicked', () => driver.findElement(By.id('result')).getText());
  await go('/form.html');
  await say('drag', async () => {
    const actions = driver.actions();
    return actions.dragAndDrop(await driver.findElement(By.id('drag')), await driver.findElement(By.id('drop'))).perform();
  });
  await say('submit', () => driver.findElement(By.id('order')).submit());

  // Waits.
  await go('/late.html?after=300');
  await say('wait', () => driver.wait(until.elementLocated(By.id('late')), 5000));
  await say('wait, then click', () => driver.wait(until.elementLocated(By.id('late')), 5000).click());
  await say('wait for one', async () => driver.wait(until.elementIsVisible(await driver.findElement(By.id('late'))), 5000));
  await say('wait for a title', () => driver.wait(until.titleIs('Late'), 5000));
  await say('wait for a function', () => driver.wait(async () => (await driver.findElements(By.css('#leaving'))).length === 0, 5000));

  // Frames, windows.
  await go('/frames.html');
  await say('frame', async () => {
    await driver.switchTo().frame(await driver.findElement(By.id('form-frame')));
    await driver.findElement(By.id('name')).sendKeys('Joe');
    await driver.switchTo().defaultContent();
  });
  await go('/list.html');
  await say('popup', async () => {
    const own = await driver.getWindowHandle();
    await driver.findElement(By.id('popup')).click();
    await driver.wait(async () => (await driver.getAllWindowHandles()).length > 1, 5000);
    await driver.switchTo().window((await driver.getAllWindowHandles()).find((handle) => handle !== own));
    const text = await driver.wait(until.elementLocated(By.css('h1')), 5000).getText();
    await driver.close();
    await driver.switchTo().window(own);
    return text;
  });

  // Order: what is begun first ends first.
  const ended = [];
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => driver.findElement(By.id('items')).then(() => ended.push(name))));
  console.log('order', ended.join());

  // Failures.
  await say('not found', () => driver.findElement(By.css('#none')));
  await say('not found, deep', async () => {
    const one = async () => { await driver.findElement(By.css('#none')).sendKeys('hunter2'); };
    const two = async () => { await one(); };
    const three = async () => { await Promise.all([two()]); };
    const four = async () => { await three(); };
    await four();
  });
  await go('/form.html');
  await say('not interactable', () => driver.findElement(By.id('hidden')).click());
  await say('invalid', () => driver.findElement(By.css('[[')));
  await say('invalid xpath', () => driver.findElements(By.xpath('[[')));
  await say('by a text', () => driver.findElement(By.linkText('Jane Doe')));
  await say('timeout', () => driver.wait(until.elementLocated(By.id('none')), 80));
  await say('timeout hidden', async () => driver.wait(until.elementIsVisible(await driver.findElement(By.id('hidden'))), 80));
  await say('timeout promised', () => driver.wait(until.elementIsVisible(driver.findElement(By.id('hidden'))), 80));
  await say('timeout title', () => driver.wait(until.titleIs('none'), 80));
  await say('condition throws', () => driver.wait(() => { throw new Error('mine'); }, 80));
  await say('no condition', () => driver.wait(12, 80));
  await say('custom locator', () => driver.findElement(() => []));
  const stale = await driver.findElement(By.id('submit'));
  await driver.executeScript('arguments[0].remove()', stale);
  await say('removed', () => stale.click());
  const kept = await driver.findElement(By.css('h1'));
  await driver.quit();
  await say('after quit', () => driver.findElement(By.id('name')));
  await say('click after quit', () => kept.click());
  await say('click of none after quit', () => driver.findElement(By.id('name')).click());
};
main();
`;

/** What that does: operation, selector, error. */
export const RECORDED = [
  'findElement *[id="name"]', 'findElements #order input', 'findElements .none', 'findElement form', 'findElements label', 'findElement form',
  'findElement tag name=select', 'getTagName tag name=select', 'findElement h1', 'getText h1', 'findElement h1', 'getText h1',
  'findElement *[name="name"]', 'getAttribute *[name="name"]', 'findElement *[id="hidden"]', 'isDisplayed *[id="hidden"]', 'findElement //button[0]',
  'isEnabled //button[0]', 'findElement h1', 'getRect h1', 'findElement h1', 'getCssValue h1', 'findElements button', 'findElement *[id="name"]',
  'sendKeys *[id="name"]', 'findElement *[id="name"]', 'clear *[id="name"]', 'findElement *[id="terms"]', 'click *[id="terms"]',
  'findElement *[id="size"]', 'getAttribute *[id="size"]', 'getAttribute *[id="size"]', 'findElements tag name=option',
  'getAttribute tag name=option', 'getAttribute tag name=option', 'isSelected tag name=option', 'isEnabled tag name=option', 'click tag name=option',
  'getAttribute tag name=option', 'findElement *[id="file"]', 'sendKeys *[id="file"]', 'findElement *[id="submit"]', 'click *[id="submit"]',
  'findElement *[id="result"]', 'getText *[id="result"]', 'findElement *[id="drag"]', 'findElement *[id="drop"]', 'actions *[id="drag"]',
  'findElement *[id="order"]', 'submit *[id="order"]', 'wait *[id="late"]', 'wait *[id="late"]', 'click *[id="late"]', 'findElement *[id="late"]',
  'wait *[id="late"]', 'wait', 'wait #leaving', 'findElement *[id="form-frame"]', 'findElement *[id="name"]', 'sendKeys *[id="name"]',
  'findElement *[id="popup"]', 'click *[id="popup"]', 'wait', 'wait h1', 'getText h1', 'findElement *[id="items"]', 'findElement *[id="items"]',
  'findElement *[id="items"]', 'findElement *[id="items"]', 'findElement #none → not_found', 'findElement #none → not_found',
  'findElement *[id="hidden"]', 'click *[id="hidden"] → not_actionable', 'findElement [[ → invalid_selector', 'findElements [[ → invalid_selector',
  'findElement link text="…" → not_found', 'wait *[id="none"] → not_found', 'findElement *[id="hidden"]', 'wait *[id="hidden"] → not_actionable',
  'findElement *[id="hidden"]', 'wait *[id="hidden"] → not_actionable',
  'wait → timeout', 'wait → Error', 'wait → TypeError', 'findElement *[id="submit"]', 'click *[id="submit"] → detached',
  // What is not sent any more, but for a click on what was not found.
  'findElement h1', 'findElement *[id="name"] → target_closed', 'click h1 → target_closed', 'findElement *[id="name"] → target_closed',
];

/** Windows and browsers that go away in the middle of a call. */
export const GONE = `${START}
const name = async (call) => {
  try {
    await call;
    console.log('no error');
  } catch (error) {
    console.log(error.name);
  }
};
const main = async () => {
  await instrument(selenium);
  const crashing = await build();
  await crashing.get(process.env.PAGES + '/form.html');
  const waiting = crashing.wait(until.elementLocated(By.id('crashes')), 5000);
  setTimeout(() => crashing.get('chrome://crash').catch(() => {}), 100);
  await name(waiting);
  await crashing.quit().catch(() => {});
  const closing = await build();
  await closing.get(process.env.PAGES + '/form.html');
  const located = closing.wait(until.elementLocated(By.id('closes')), 5000);
  setTimeout(() => closing.close(), 100);
  await name(located);
  await closing.quit().catch(() => {});
  const left = await build();
  await left.get(process.env.PAGES + '/form.html');
  const polling = left.wait(until.elementLocated(By.id('quits')), 5000);
  setTimeout(() => left.quit(), 100);
  // Whether the session is over, or its server too, is a matter of moments.
  await polling.catch(() => console.log('an error'));
};
main();
`;

export const SECRETS = `${START}
const main = async () => {
  await instrument(selenium);
  const driver = await build();
  await driver.get(process.env.PAGES.replace('//', '//user:Passw0rd-in-url@') + '/form.html?token=Token-in-query#Fragment-secret');
  await driver.findElement(By.id('password')).sendKeys('Hunter2-typed');
  await driver.findElement(By.id('card')).sendKeys('4111-1111-1111-1234', Key.TAB);
  await driver.findElement(By.css('input[value="Jane-Selector Doe"]')).catch(() => {});
  await driver.findElement(By.linkText('Jane-Link Doe')).catch(() => {});
  await driver.findElement(By.partialLinkText('Jane-Partial')).catch(() => {});
  await driver.findElement(By.xpath('//p[contains(text(), "Jane-Xpath Doe")]')).catch(() => {});
  await driver.findElements(By.xpath("//a[.='Jane-Dot Doe']"));
  await driver.findElements(By.css('a[href="https://example.com/?key=Key-in-href"]'));
  await driver.wait(until.elementTextIs(await driver.findElement(By.id('result')), 'Jane-Wait Doe'), 50).catch(() => {});
  await driver.wait(() => { throw new Error('Message-of-mine'); }, 50).catch(() => {});
  await driver.executeScript("alert('Message-in-alert')");
  await driver.findElement(By.id('name')).catch(() => {});
  await driver.executeScript('arguments[0].value = arguments[1]', await driver.findElement(By.id('name')), 'Jane-Argument');
  await driver.actions().sendKeys('Jane-Actions').perform();
  await (await driver.findElement(By.id('name'))).getAttribute('value');
  await driver.quit();
};
main();
`;

/** What a page that looks for it sees. */
export const WATCHED = `${START}
const main = async () => {
  await instrument(selenium);
  const driver = await build();
  await driver.get(process.env.PAGES + '/watch.html');
  await driver.findElement(By.id('button')).click();
  await driver.findElement(By.id('input')).sendKeys('abc');
  await driver.findElement(By.css('#target')).getText();
  await driver.wait(until.elementLocated(By.id('target')), 1000);
  await driver.findElements(By.css('.none'));
  await driver.findElement(By.id('none')).catch(() => {});
  console.log(await driver.executeScript('return finish()'));
  await driver.quit();
};
main();
`;

export const HUGE = `${START}
const main = async () => {
  await instrument(selenium);
  const driver = await build();
  await driver.get(process.env.PAGES + '/list.html');
  const selector = '#' + 'x'.repeat(1e6);
  console.log((await driver.findElements(By.css(selector))).length);
  await driver.findElement(By.css('[data-x="' + 'y'.repeat(1e6) + '"]')).catch((error) => console.log(error.message.length > 1e6));
  await driver.wait(until.elementLocated(By.css(selector)), 50).catch((error) => console.log(error.message.length > 1e6));
  await driver.quit();
};
main();
`;

/** A library that looks like Selenium, but for one method. */
export const UNKNOWN = `
const { instrument } = require('./instrument.cjs');
class WebDriver { async execute(command) { return command; } async findElement() {} async findElements() {} getSession() {} }
const main = async () => {
  await instrument({ WebDriver });
  await instrument(new WebDriver());
  console.log(await new WebDriver().execute('x'), WebDriver.prototype.execute.toString());
};
main();
`;
