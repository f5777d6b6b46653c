/** Playwright in an app that has an OpenTelemetry SDK of its own, and in one that is bundled. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { PACKAGES, node24, program } from '../guest/fixture.ts';
import { ROOT, run, spans, temporaryDirectory } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';

const SDKS = { 2: PACKAGES['sdk-2'].slice(0, 3), 3: PACKAGES['sdk-3'] } as const;
const SPOOR = join(ROOT, 'dist/src/index.js');

const DRIVE = `
const drive = async (chromium) => {
  const browser = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/list.html');
  await page.locator('#open').click();
  await page.locator('.item').count();
  await page.locator('#nope').click({ timeout: 200 }).catch(() => {});
  await browser.close();
};`;

/** Prints the spans and numbers that the app's own SDK was given. */
const APP = (enable: string): string => `
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { InMemoryMetricExporter, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { trace } = require('@opentelemetry/api');
${DRIVE}
const main = async () => {
  ${enable}
  const finished = [];
  const processor = { onStart() {}, onEnd: (span) => finished.push(span), forceFlush: async () => {}, shutdown: async () => {} };
  const numbers = new InMemoryMetricExporter(1);
  const sdk = new NodeSDK({ instrumentations, spanProcessors: [processor], metricReaders: [new PeriodicExportingMetricReader({ exporter: numbers })], autoDetectResources: false });
  sdk.start();
  const { chromium } = await import('playwright-core');
  await trace.getTracer('app').startActiveSpan('outer', async (outer) => {
    await drive(chromium);
    outer.end();
  });
  const outer = finished.find(({ name }) => name === 'outer');
  await sdk.shutdown();
  const points = numbers.getMetrics().at(-1).scopeMetrics.flatMap((scope) => scope.metrics).find(({ descriptor }) => descriptor.name === 'spoor.selector.duration').dataPoints;
  console.log(JSON.stringify({
    spans: finished.filter((span) => span.attributes['spoor.selector.driver']).map((span) => [span.name, span.attributes['error.type'] ?? '', span.parentSpanContext?.spanId === outer.spanContext().spanId]),
    counts: points.map(({ attributes, value }) => [attributes['spoor.selector.operation'], value.count]).sort(),
  }));
};
main();`;

const EXPECTED = { spans: [['click', '', true], ['click', 'not_found', true]], counts: [['click', 1], ['click', 1], ['count', 1]] };

test.each([
  ['SDK 2, CommonJS', 2, 'app.cjs'],
  ['SDK 2, an ES module', 2, 'app.mjs'],
  ['SDK 3, CommonJS', 3, 'app.cjs'],
] as const)('PlaywrightInstrumentation in NodeSDK: %s', async (_, line, file) => {
  const { origin } = await pages();
  const folder = await driver('playwright-1.65', SDKS[line]);
  const enable = `const { PlaywrightInstrumentation } = await import(${JSON.stringify(SPOOR)}); const instrumentations = [new PlaywrightInstrumentation()];`;
  const { code, stdout, stderr } = await run(line === 3 ? await node24() : process.execPath, [program(folder, file, APP(enable))], { env: { PAGES: origin, ...(await chromiumEnvironment()) } });
  expect({ code, stderr, ...JSON.parse(stdout || '{}') }).toEqual({ code: 0, stderr: '', ...EXPECTED });
});

test('spoor/instrument beside an SDK', async () => {
  const { origin } = await pages();
  const folder = await driver('playwright-1.65', SDKS[2]);
  const file = program(folder, 'app.cjs', APP('const instrumentations = [];'));
  const { code, stdout } = await run(process.execPath, ['--require', join(ROOT, 'dist/instrument.cjs'), file], { env: { PAGES: origin, ...(await chromiumEnvironment()) } });
  expect({ code, ...JSON.parse(stdout || '{}') }).toEqual({ code: 0, ...EXPECTED });
});

test('spoor under the preload writes what an app with an SDK of its own does, once', async () => {
  const { origin } = await pages();
  const directory = temporaryDirectory();
  const folder = await driver('playwright-1.65', SDKS[2]);
  const enable = `const { PlaywrightInstrumentation } = await import(${JSON.stringify(SPOOR)}); const instrumentations = [new PlaywrightInstrumentation()];`;
  const { code, stdout } = await run(process.execPath, ['--require', join(ROOT, 'dist/register.cjs'), program(folder, 'app.cjs', APP(enable).replace(/const points[^;]*;/, 'const points = [];'))], {
    env: { PAGES: origin, SPOOR_DIR: directory, ...(await chromiumEnvironment()) },
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ spans: EXPECTED.spans });
  expect(spans(directory).filter(({ attributes }) => attributes['spoor.selector.driver']).map(({ name }) => name)).toEqual(['click', 'click']);
});

test('in a bundle, by hand', async () => {
  const { origin } = await pages();
  const directory = temporaryDirectory();
  const folder = await driver('playwright-1.65');
  const source = `
import * as inlined from ${JSON.stringify(join(folder, 'node_modules/playwright-core/index.js'))};
import { instrumentPlaywright, start } from ${JSON.stringify(SPOOR)};
${DRIVE}
start();
console.log(instrumentPlaywright(inlined.default ?? inlined));
await drive((inlined.default ?? inlined).chromium);`;
  const file = program(folder, 'app.mjs', '');
  const bundled = join(file, '../bundle.mjs');
  // All of the library but what it finds by a path of its own: moved next to the bundle's folder it still does.
  await build({ stdin: { contents: source, resolveDir: ROOT }, outfile: bundled, bundle: true, platform: 'node', format: 'esm', external: [SPOOR, `${ROOT}dist/*`, 'chromium-bidi/*', 'electron/*'], logLevel: 'silent', banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(join(folder, 'node_modules/playwright-core/index.js'))}); const __dirname = ${JSON.stringify(join(folder, 'node_modules/playwright-core/lib'))}; const __filename = __dirname + '/coreBundle.js';` } });
  const { code, stdout, stderr } = await run(process.execPath, [bundled], { env: { PAGES: origin, SPOOR_DIR: directory, ...(await chromiumEnvironment()) } });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
  expect(spans(directory).filter(({ attributes }) => attributes['spoor.selector.driver']).map(({ name }) => name)).toEqual(['click', 'click']);
});
