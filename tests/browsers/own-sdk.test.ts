/** Puppeteer and Selenium in an SDK of the app's own, without spoor's runtime. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { node24, program } from '../guest/fixture.ts';
import { REGISTER, ROOT, run, temporaryDirectory } from '../support/program.ts';
import { chromedriverEnvironment } from './chromedriver.ts';
import { chromiumEnvironment } from './chromium.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';

const SDK = ['@opentelemetry/api@1.9.1', '@opentelemetry/sdk-node@0.223.0', '@opentelemetry/sdk-trace-base@2.12.0'];

const APP = `
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { trace } = require('@opentelemetry/api');
const { SimpleSpanProcessor, InMemorySpanExporter } = require('@opentelemetry/sdk-trace-base');
const main = async () => {
  const spoor = await import(process.env.SPOOR);
  const exporter = new InMemorySpanExporter();
  const instrumentation = new spoor[process.env.INSTRUMENTATION]();
  const sdk = new NodeSDK({ spanProcessors: [new SimpleSpanProcessor(exporter)], instrumentations: [instrumentation], autoDetectResources: false });
  sdk.start();
  const { drive } = await import('./drive.' + process.env.MODULE);
  await trace.getTracer('app').startActiveSpan('outer', (outer) => drive(() => instrumentation.disable()).then(() => outer.end()));
  const spans = exporter.getFinishedSpans();
  const outer = spans.find(({ name }) => name === 'outer').spanContext().spanId;
  for (const { name, attributes, instrumentationScope, parentSpanContext } of spans) {
    console.log(instrumentationScope.name, name, attributes['spoor.selector.text'], attributes['error.type'], parentSpanContext?.spanId === outer);
  }
  await sdk.shutdown();
};
main();
`;

const PUPPETEER = `
const puppeteer = require('puppeteer-core');
const drive = async (disable) => {
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/form.html');
  await page.click('#submit');
  await page.click('#none').catch(() => {});
  disable();
  await page.click('#reset');
  await browser.close();
};
`;

const SELENIUM = `
const { Builder, By } = require('selenium-webdriver');
const chrome = require('selenium-webdriver/chrome.js');
const drive = async (disable) => {
  const { driver: path, browser, args } = JSON.parse(process.env.CHROMEDRIVER);
  const options = new chrome.Options().setChromeBinaryPath(browser).addArguments(...args);
  const driver = await new Builder().forBrowser('chrome').setChromeOptions(options).setChromeService(new chrome.ServiceBuilder(path)).build();
  await driver.get(process.env.PAGES + '/form.html');
  await driver.findElement(By.css('#submit')).click();
  await driver.findElement(By.css('#none')).catch(() => {});
  disable();
  await driver.findElement(By.css('#reset')).click();
  await driver.quit();
};
`;

test.each([
  { name: 'puppeteer-24', module: 'cjs', on: 'this Node', source: PUPPETEER, miss: 'click' },
  // The preload sees the driver later than the app's own instrumentation, and stays behind it.
  { name: 'puppeteer-24', module: 'cjs', on: 'this Node', source: PUPPETEER, miss: 'click', preload: true },
  { name: 'selenium-4.46', module: 'cjs', on: 'this Node', source: SELENIUM, miss: 'findElement', preload: true },
  { name: 'puppeteer-25', module: 'mjs', on: 'Node 24', source: PUPPETEER, miss: 'click' },
  { name: 'selenium-4.46', module: 'mjs', on: 'this Node', source: SELENIUM, miss: 'findElement' },
] as const)('$name, $module, $on', async ({ name, module, on, source, miss, ...more }) => {
  const { origin } = await pages();
  const file = program(await driver(name, SDK), 'app.cjs', APP);
  const asModule = source.replaceAll(/^const (\{ .* \}|\w+) = require\((.*)\);$/gm, 'import $1 from $2;');
  writeFileSync(join(dirname(file), `drive.${module}`), module === 'mjs' ? `${asModule}export { drive };` : `${source}exports.drive = drive;`);
  const result = await run(on === 'Node 24' ? await node24() : process.execPath, ['preload' in more ? ['--require', REGISTER] : [], file].flat(), {
    env: {
      SPOOR_DIR: temporaryDirectory(),
      ...(name.startsWith('selenium') ? chromedriverEnvironment() : await chromiumEnvironment()),
      PAGES: origin,
      MODULE: module,
      SPOOR: join(ROOT, 'dist/src/index.js'),
      INSTRUMENTATION: name.startsWith('selenium') ? 'SeleniumInstrumentation' : 'PuppeteerInstrumentation',
    },
  });
  expect(result).toEqual({
    code: 0,
    signal: null,
    stdout: `spoor click #submit undefined true\nspoor ${miss} #none not_found true\napp outer undefined undefined false\n`,
    stderr: '',
  });
});
