/** selectors.start, hooks and drift in whole programs. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLI, ROOT, run, temporaryDirectory } from '../support/program.ts';
import { everything, facts, program, sum } from './fixture.ts';

it('start and end: an engine that cannot wrap a callback tells the same', async () => {
  const { said, spans, totals } = await program(`
    const operation = selectors.start('cart.total', { driver: 'engine', strategies: ['testid', 'css'], page: 'cart' });
    const first = operation.attempt('testid');
    say(first.end({ found: 0 }));
    say(first.end({ found: 1 }));
    const second = operation.attempt('css', { weight: 0.5 });
    second.retry();
    say(second.with(() => second.end({ found: 1 })));
    say(operation.end({ memory: 1e6, cpuTime: 0.25, domOperations: 12, requests: 3, validated: true }));
    say(operation.end({ error: new Error('late') }));
    const wrong = selectors.start('wrong');
    wrong.attempt('css').end();
    wrong.end({ validated: false });
    selectors.start('plain', { operation: 'click', strategy: 'css' }).end({ found: 1 });
    selectors.start('broken').end({ error: Object.assign(new Error('strict mode violation: locator resolved to 4 elements'), {}) });
    selectors.start('nothing').end({ found: 0 });
    selectors.start('unsure', { strategy: 'text' }).end({ found: 3 });
    say(selectors.start('never ended').ended);`);
  expect(said).toEqual([true, false, true, true, false, false]);
  const named = Object.fromEntries(spans.filter(({ name }) => !name.startsWith('attempt')).map((span) => [span.name, facts(span)]));
  expect(Object.keys(named)).toEqual(['resolve cart.total', 'resolve wrong', 'click plain', 'resolve broken', 'resolve nothing', 'resolve unsure']);
  expect(named['resolve cart.total']).toMatchObject({ strategy: 'css', fallback: true, strategies: ['testid', 'css'], retry_count: 1, memory: 1_000_000, cpu_time: 0.25, dom_operations: 12, request_count: 3, validated: true, confidence: 0.5 });
  expect(named['resolve wrong']).toMatchObject({ outcome: 'failed', 'error.type': 'validation_failed', validated: false });
  expect(named['resolve wrong']).not.toHaveProperty('wait_time');
  expect(named['click plain']).toEqual({ operation: 'click', name: 'plain', driver: 'custom', strategy: 'css', outcome: 'completed', match_count: 1 });
  expect(named['resolve broken']).toMatchObject({ outcome: 'failed', 'error.type': 'ambiguous' });
  expect(named['resolve nothing']).toMatchObject({ outcome: 'failed', 'error.type': 'not_found', match_count: 0 });
  expect(named['resolve unsure']).toMatchObject({ outcome: 'failed', 'error.type': 'ambiguous', match_count: 3 });
  expect(sum(totals, 'duration')).toBe(9);
  // What the end takes back was not found: in the report it is no failure of an action.
  expect(sum(totals, 'wait', 'name=wrong')).toBe(0);
});

it('hooks hear of every step in its order; one that throws or rejects harms nobody', async () => {
  const { said, result } = await program(
    `
    const hear = (name) => (event) => { const { context, drift, ...rest } = event; say([name, rest]); };
    const stop = selectors.use({ start: () => { throw new Error('start'); }, attempt: async () => { throw new Error('attempt'); }, end: () => { throw null; } });
    const listen = selectors.use({ start: hear('start'), attempt: hear('attempt'), fallback: hear('fallback'), validate: hear('validate'), end: hear('end') });
    say(await selectors.resolve('menu', { strategies: [{ name: 'a', find: () => null }, { name: 'b', find: () => 'found' }], validate: () => true }));
    listen(); stop();
    say(await selectors.resolve('menu', { strategies: [{ name: 'b', find: () => 'again' }] }));
    selectors.use(null)();`,
    { quiet: false },
  );
  expect(said).toEqual([
    ['start', { name: 'menu', operation: 'resolve', driver: 'custom' }],
    ['attempt', { name: 'menu', strategy: 'a', index: 1 }],
    ['fallback', { name: 'menu', from: 'a', to: 'b', because: 'not_found' }],
    ['attempt', { name: 'menu', strategy: 'b', index: 2 }],
    ['validate', { name: 'menu', strategy: 'b', passed: true }],
    ['end', { name: 'menu', operation: 'resolve', outcome: 'completed', strategy: 'b', attempts: 2, retries: 0, fallback: true, confidence: 0.6, confidenceSource: 'estimated' }],
    'found',
    'again',
  ]);
  expect(result.stderr.trim().split('\n')).toHaveLength(3);
});

it('nonsense from the app throws nothing and changes nothing', async () => {
  const { said, spans } = await program(`
    const operation = selectors.start(undefined, null);
    const attempt = operation.attempt(Symbol('x'));
    say([attempt.end({ found: NaN, confidence: 'high' }), operation.end({ element: 7, memory: -1 })]);
    const none = selectors.start('none', { parent: { spanContext: () => ({}) } });
    const of = none.attempt('css', null);
    say([of.end(null), of.end(null), none.end(null), await selectors.resolve('none', { strategies: [{ name: 'css', find: () => 1 }], parent: none })]);
    const trap = new Proxy({}, { get() { throw new Error('trap'); } });
    say(selectors.start('trap').end({ element: trap }) && selectors.start('trap', trap).end());
    selectors.use({ start: () => { throw trap; }, end: async () => { throw trap; } });
    say(selectors.start('trapped').attempt('css', trap).end());
    say(selectors.start('x'.repeat(1_000_000), { operation: 'a b', driver: 5, page: {}, url: 'no url', title: 3, session: '' }).end({ error: trap }));
    say(await selectors.resolve('', { strategies: [{ find: () => 1, weight: 'x' }], fingerprint: () => 5 }));`, { quiet: false });
  expect(said).toEqual([[true, true], [true, false, true, 1], true, true, true, 1]);
  expect(spans.filter(({ name }) => name === 'attempt none').map((span) => facts(span).outcome)).toEqual(['completed', 'completed']);
});

it('an end that tells nothing new takes nothing back, and no error, as callbacks have it, is none', async () => {
  const { spans } = await program(`
    const operation = selectors.start('row', { expect: 'many' });
    operation.attempt('css').end({ found: 3, confidence: 0.5, validated: true, error: null });
    operation.end({ found: undefined, confidence: undefined, validated: undefined, error: null });`);
  expect(spans.map(facts)).toMatchObject([
    { operation: 'attempt', outcome: 'completed', match_count: 3, validated: true },
    { operation: 'resolve', outcome: 'completed', match_count: 3, validated: true, confidence: 0.5, 'confidence.source': 'reported' },
  ]);
});

it('an attempt that cannot be looked into ends all the same, once, and is said', async () => {
  const { said, spans, result } = await program(
    `const attempt = selectors.start('trap').attempt('css');
    const trap = new Proxy({}, { get() { throw new Error('trap'); } });
    say([attempt.end(trap), attempt.end(trap), attempt.end()]);`,
    { quiet: false },
  );
  expect(said).toEqual([[true, false, false]]);
  expect(spans.map((span) => [span.name, facts(span)])).toEqual([['attempt trap', { operation: 'attempt', 'error.type': 'unknown' }]]);
  expect(result.stderr).toContain('selector_fault');
});

it('names by hash, and the rules of the person, hold here too', async () => {
  const { spans, directory } = await program(`await selectors.resolve('jane.doe', { strategies: [{ name: 'css', find: () => 1 }], fingerprint: () => ({ tag: 'a' }) });`, { env: { SPOOR_HASH_SELECTOR_NAMES: 'true' } });
  expect(spans.at(-1)!.name).toMatch(/^resolve [0-9a-f]{16}$/);
  expect(everything(directory)).not.toContain('jane');
});

it('drift: compared with what earlier processes found; never with the text itself', async () => {
  const directory = temporaryDirectory();
  const code = (facts: string): string => `await selectors.resolve('pay', { strategies: [{ name: 'css', find: () => ({}) }], fingerprint: () => (${facts}) });`;
  const button = `{ tag: 'BUTTON', role: 'button', testId: 'pay', classes: 'btn primary', text: 'Pay Jane' }`;
  await program(code(button), { directory });
  await program(code(button), { directory });
  const { spans, totals } = await program(code(`{ tag: 'a', role: 'link', testId: null, classes: 'footer', text: 'Imprint' }`), { directory });
  const drifts = spans.filter(({ name }) => name === 'resolve pay').map((span) => facts(span).drift);
  expect(drifts.slice(0, 2)).toEqual([undefined, 0]);
  expect(drifts[2]).toBeGreaterThan(0.5);
  expect(facts(spans.at(-1)!).fingerprint).toBe('a.footer role=link text=Aa ·16');
  expect(sum(totals, 'drift')).toBe(2);
  expect(everything(directory)).not.toMatch(/Jane|Imprint/);
});

it('drift of what a driver finds: not of selectors that stand for several once their texts and ids are replaced', async () => {
  const { spans, totals, directory } = await program(`
    const { beginSelector } = await import(${JSON.stringify(join(ROOT, 'dist/src/selectors/selector-operation.js'))});
    const click = (selector, element) => beginSelector({ name: 'playwright' }, 'click', 'action').end(undefined, { selector, element });
    const elements = [{ tag: 'a', classes: 'home' }, { tag: 'button', testId: 'search' }, { tag: 'div', role: 'tab' }, { tag: 'span', classes: 'basket' }, { tag: 'label' }, { tag: 'p', classes: 'legal' }];
    for (let round = 0; round < 10; round++) elements.forEach((element, i) => {
      for (const selector of ['nav > * >> nth=' + i, '#row-' + (i + 7), 'internal:role=tab[name="name ' + 'abcdef'[i] + '"i]', '.x' + '-'.repeat(5_000) + i]) click(selector, element);
    });
    click('nav > * >> nth=0', elements[1]);`);
  const drifts = spans.map(facts).filter(({ drift }) => drift !== undefined);
  // Each place of a list is a selector of its own.
  expect(new Set(drifts.map(({ text }) => text))).toEqual(new Set(['nav > * >> nth=0']));
  expect(drifts.map(({ drift }) => (drift as number) > 0.5)).toEqual([...Array.from({ length: 9 * 6 }, () => false), true]);
  expect(sum(totals, 'drift')).toBe(9 * 6 + 1);
  expect(everything(directory)).not.toMatch(/name [a-f]/);
});

it('evaluate asks a handle of any driver once, before the action, and is not waited for longer than a second', async () => {
  const { said, spans } = await program(`
    const element = { tagName: 'BUTTON', textContent: 'Pay', parentElement: { children: [] }, getAttribute: (name) => ({ class: 'btn', 'data-testid': 'pay' })[name] ?? null };
    const order = [];
    const playwright = { elementHandle() {}, evaluate: async (look, argument, options) => { order.push(['playwright', options]); return look(element); } };
    const puppeteer = { evaluate: async (look) => { order.push('puppeteer'); return look(element); } };
    const selenium = { getDriver: () => ({ executeScript: async (script, handle) => { order.push('selenium'); return new Function(script).call(null, handle); } }), ...element };
    const never = { evaluate: () => new Promise(() => {}) };
    const broken = { evaluate: async () => { throw new Error('closed'); } };
    for (const handle of [playwright, puppeteer, selenium, [puppeteer], broken, never, 5]) {
      await selectors.resolve('pay', { strategies: [{ name: 'css', find: () => handle }], fingerprint: 'evaluate' }, () => order.push('action'));
    }
    say(order);`);
  expect(said).toEqual([[['playwright', { timeout: 1000 }], 'action', 'puppeteer', 'action', 'selenium', 'action', 'puppeteer', 'action', 'action', 'action', 'action']]);
  const seen = spans.filter(({ name }) => name === 'resolve pay').map((span) => [facts(span).fingerprint ?? false, facts(span).drift]);
  const button = 'button.btn role=button testid=pay text=Aa ·4';
  expect(seen.map(([fingerprint]) => fingerprint)).toEqual([button, button, button, button, false, false, false]);
  expect(seen.map(([, drift]) => drift)).toEqual([undefined, 0, 0, 0, undefined, undefined, undefined]);
});

it('100,000 different selectors: memory does not grow, series are capped, and the report says what was folded', async () => {
  const directory = temporaryDirectory();
  const { said } = await program(
    `
    import { setFlagsFromString } from 'node:v8';
    import { runInNewContext } from 'node:vm';
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    const use = (from, to) => {
      for (let i = from; i < to; i++) {
        const operation = selectors.start('selector ' + i, { page: 'page ' + i });
        operation.attempt('css').end();
        operation.end({ element: { tag: 'a', position: i % 9 } });
      }
      gc();
      return process.memoryUsage().heapUsed;
    };
    const before = use(0, 20_000);
    say(use(20_000, 100_000) - before);`,
    { directory, env: { OTEL_TRACES_SAMPLER: 'always_off' } },
  );
  expect(said[0]).toBeLessThan(3_000_000);
  const report = await run(process.execPath, [CLI, 'report', '--kind', 'selector', '--json', '--dir', directory]);
  const { operations, folded, selectors, strategies, pages } = JSON.parse(report.stdout);
  expect([operations, selectors.length, folded]).toEqual([100_000, 400, 99_600]);
  expect(strategies).toMatchObject([{ name: 'css', count: 100_000 }]);
  expect(pages.length).toBeLessThanOrEqual(101);
});

it('names beyond those that numbers tell apart: the span has its name, the numbers keep all else', async () => {
  const { spans, totals } = await program(
    `for (const name of ['a', 'b', 'c', 'd', 'c']) await selectors.resolve(name, { strategies: [{ name: 'css', find: () => 1 }], confidence: name < 'c' ? undefined : 0.5 });`,
    { env: { SPOOR_MAX_SERIES: '10' } },
  );
  expect(spans.filter(({ name }) => name.startsWith('resolve')).map(({ attributes }) => attributes['spoor.selector.name'])).toEqual(['a', 'b', 'c', 'd', 'c']);
  expect(sum(totals, 'duration', 'operation=resolve', 'name=(other)', 'strategy=css', 'outcome=completed')).toBe(3);
  expect(sum(totals, 'duration', 'operation=attempt', 'name=(other)')).toBe(3);
  // Nothing that is reported is in one series with what is estimated, not even here.
  expect(sum(totals, 'confidence', 'name=(other)', 'source=reported')).toBe(3);
  expect(sum(totals, 'confidence', 'source=estimated')).toBe(2);
});
