/** selectors.resolve in whole programs: what the app gets, and what is recorded of it. */
import { expect, it } from 'vitest';
import { facts, program, sum } from './fixture.ts';

const STRATEGIES = `[
  { name: 'testid', selector: '[data-testid="submit-4711"]', find: () => null },
  { name: 'role', find: async () => { const error = new Error('locator.click: Timeout 30ms exceeded.\\nCall log:\\n  - waiting for locator'); error.name = 'TimeoutError'; throw error; } },
  { name: 'css', find: async () => ({ id: 7 }) },
]`;

it('one span for the selector, one for each strategy tried: order, times, fallback, and what the app told', async () => {
  const { said, spans, totals } = await program(`
    const found = await selectors.resolve('checkout.submit', {
      strategies: ${STRATEGIES}, driver: 'engine', page: 'checkout', session: 's1', tab: 't2', title: 'Checkout of "Jane Doe" 4711',
      url: 'https://jane:secret@shop.example/pay?token=abc#x', validate: ({ id }) => id === 7,
    }, (button, by) => ({ button, by }));
    say(found);`);
  expect(said).toEqual([{ button: { id: 7 }, by: { strategy: 'css', attempts: 3, fallback: true } }]);
  const [testid, role, css, parent] = spans;
  expect(spans.map(({ name }) => name)).toEqual(['attempt checkout.submit', 'attempt checkout.submit', 'attempt checkout.submit', 'resolve checkout.submit']);
  expect([testid, role, css].map((span) => span!.parentSpanId)).toEqual([parent!.spanId, parent!.spanId, parent!.spanId]);
  const shared = { name: 'checkout.submit', driver: 'engine', page: 'checkout' };
  expect(facts(testid!)).toEqual({ ...shared, operation: 'attempt', strategy: 'testid', attempt: 1, outcome: 'failed', 'error.type': 'not_found', match_count: 0, text: '[data-testid="submit-0"]', hash: expect.any(String), engine: 'css' });
  expect(facts(role!)).toEqual({ ...shared, operation: 'attempt', strategy: 'role', attempt: 2, outcome: 'failed', 'error.type': 'not_found' });
  expect(facts(css!)).toEqual({ ...shared, operation: 'attempt', strategy: 'css', attempt: 3, outcome: 'completed', match_count: 1, validated: true });
  expect(facts(parent!)).toEqual({
    ...shared,
    operation: 'resolve',
    strategy: 'css',
    outcome: 'completed',
    expected: 'one',
    strategies: ['testid', 'role', 'css'],
    strategy_times: [expect.any(Number), expect.any(Number), expect.any(Number)],
    primary: 'testid',
    secondary: 'role',
    attempt_count: 3,
    switch_count: 2,
    fallback: true,
    recovered: true,
    match_count: 1,
    validated: true,
    wait_time: expect.any(Number),
    confidence: 0.6,
    'confidence.source': 'estimated',
    'url.full': 'https://shop.example/pay?token=',
    title: expect.not.stringMatching(/Jane|4711/),
    session: 's1',
    tab: 't2',
  });
  expect([testid, role, css, parent].map((span) => span!.status.code ?? 0)).toEqual([2, 2, 0, 0]);
  expect(sum(totals, 'duration')).toBe(4);
  expect(sum(totals, 'duration', 'operation=resolve', 'strategy=css', 'page=checkout', 'outcome=completed')).toBe(1);
  expect(['testid', 'role', 'css'].map((name) => sum(totals, 'duration', 'operation=attempt', `strategy=${name}`))).toEqual([1, 1, 1]);
  expect(sum(totals, 'attempts')).toBe(3);
  expect(sum(totals, 'fallbacks', 'strategy=css')).toBe(1);
  expect(sum(totals, 'wait')).toBe(1);
  expect(sum(totals, 'confidence', 'source=estimated')).toBe(1);
  expect(sum(totals, 'retries') + sum(totals, 'drift')).toBe(0);
});

it('what callbacks return and throw passes unchanged', async () => {
  const { said, spans } = await program(`
    const ok = { name: 'css', find: () => 'it' };
    const mine = new TypeError('mine');
    say(await selectors.resolve('a', { strategies: [ok] }));
    say((await caught(selectors.resolve('b', { strategies: [ok] }, () => { throw mine; }))) === mine);
    say((await caught(selectors.resolve('c', { strategies: [ok] }, async () => { throw undefined; }))) === undefined);
    say((await caught(selectors.resolve('d', { strategies: [{ name: 'x', find: () => { throw mine; } }, { name: 'y', find: () => null }] }))) === mine);
    const none = await caught(selectors.resolve('e', { strategies: [{ name: 'x', find: () => null }, { name: 'y', find: async () => [] }] }));
    say([none instanceof SelectorNotFoundError, none.message, none.selector, none.strategies]);
    say((await caught(selectors.resolve('f', { strategies: [] }))).name);
    const many = [1, 2];
    say((await selectors.resolve('g', { strategies: [{ name: 'x', find: () => many }], expect: 'many' })) === many);`);
  expect(said).toEqual(['it', true, true, true, [true, 'no strategy found "e" (tried: x, y)', 'e', ['x', 'y']], 'TypeError', true]);
  const outcomes = Object.fromEntries(spans.filter(({ name }) => name.startsWith('resolve ')).map((span) => [span.name.slice(8), facts(span)['error.type']]));
  expect(outcomes).toEqual({ a: undefined, b: 'TypeError', c: 'error', d: 'not_found', e: 'not_found', g: undefined });
});

it('too many, or not what was meant: the next strategy; reported confidence is no estimate', async () => {
  const { spans, totals } = await program(`
    await selectors.resolve('row', { strategies: [
      { name: 'text', find: () => [1, 2, 3] },
      { name: 'css', find: () => ({ wrong: true }) },
      { name: 'vision', find: () => ({ right: true }) },
    ], validate: async (found) => found.right === true, confidence: async () => 0.42 });
    await selectors.resolve('row', { strategies: [{ name: 'xpath', find: () => ({}) }], confidence: () => { throw new Error('none of its business'); } });
    await selectors.resolve('row', { strategies: [{ name: 'xpath', find: () => ({}), weight: 0.25 }], count: () => 1 });`);
  expect(spans.slice(0, 3).map((span) => [facts(span)['error.type'], facts(span).match_count, facts(span).validated])).toEqual([['ambiguous', 3, undefined], ['validation_failed', 1, false], [undefined, 1, true]]);
  const parents = spans.filter(({ name }) => name.startsWith('resolve ')).map(facts);
  expect(parents.map((parent) => [parent.confidence, parent['confidence.source']])).toEqual([[0.42, 'reported'], [0.5, 'estimated'], [0.25, 'estimated']]);
  expect(parents[0]!.recovered).toBeUndefined();
  expect([sum(totals, 'confidence', 'source=reported'), sum(totals, 'confidence', 'source=estimated')]).toEqual([1, 2]);
});

it('a strategy that never answers, a validation and a fingerprint that throw, a closed target: each is one failed attempt', async () => {
  const { said, spans } = await program(`
    let reason;
    const found = await selectors.resolve('menu', { timeout: 30, strategies: [
      { name: 'stuck', find: ({ signal }) => new Promise(() => signal.addEventListener('abort', () => { reason = signal.reason.name; })) },
      { name: 'late', timeout: 20, find: () => new Promise((resolve, reject) => setTimeout(reject, 60, new Error('too late'))) },
      { name: 'css', find: () => 'found' },
    ], fingerprint: () => { throw new Error('no'); } });
    say([found, reason]);
    say(await selectors.resolve('menu', { strategies: [{ name: 'a', find: () => 1 }, { name: 'b', find: () => 2 }], validate: (one) => { if (one === 1) throw new Error('validate'); return true; } }));
    const closed = new Error('locator.click: Target page, context or browser has been closed');
    say((await caught(selectors.resolve('menu', { strategies: [{ name: 'css', find: () => Promise.reject(closed) }] }))) === closed);
    await new Promise((resolve) => setTimeout(resolve, 80));`);
  expect(said).toEqual([['found', 'TimeoutError'], 2, true]);
  const attempts = spans.filter(({ name }) => name.startsWith('attempt ')).map((span) => [facts(span).strategy, facts(span)['error.type']]);
  expect(attempts).toEqual([['stuck', 'timeout'], ['late', 'timeout'], ['css', undefined], ['a', 'Error'], ['b', undefined], ['css', 'target_closed']]);
});

it('what a validation gives is taken as JavaScript takes it; nothing is no verdict', async () => {
  const { said, spans } = await program(`
    selectors.use({ validate: ({ name, passed }) => say([name, passed]) });
    const strategies = [{ name: 'testid', find: () => 'first' }, { name: 'css', find: () => 'second' }];
    const verdicts = { false: false, null: null, zero: 0, empty: '', later: Promise.resolve(null), yes: true, match: ['x'], nothing: undefined };
    for (const [name, verdict] of Object.entries(verdicts)) {
      say(await selectors.resolve(name, { strategies, validate: (found) => (found === 'first' ? verdict : true) }));
    }
    const engine = selectors.start('engine');
    engine.attempt('testid').end({ validated: 0 });
    engine.attempt('css').end({ validated: [1] });
    engine.end({ validated: 'yes' });`);
  const refused = ['false', 'null', 'zero', 'empty', 'later'].flatMap((name) => [[name, false], [name, true], 'second']);
  const taken = ['yes', 'match'].flatMap((name) => [[name, true], 'first']);
  expect(said).toEqual([...refused, ...taken, 'first', ['engine', false], ['engine', true], ['engine', true]]);
  const first = spans.filter(({ name }) => name.startsWith('attempt ')).map(facts).filter(({ attempt }) => attempt === 1);
  expect(first.map(({ validated, outcome }) => [validated, outcome])).toEqual([...Array.from({ length: 5 }, () => [false, 'failed']), [true, 'completed'], [true, 'completed'], [undefined, 'completed'], [false, 'failed']]);
});

it('what only telemetry wants to know is waited for a second at most', async () => {
  const { said, spans } = await program(`
    const strategies = [{ name: 'css', find: () => 'it' }];
    const never = () => new Promise(() => {});
    say(await Promise.all([selectors.resolve('a', { strategies, confidence: never }), selectors.resolve('b', { strategies, fingerprint: never }, (found) => found + ' clicked')]));`);
  expect(said).toEqual([['it', 'it clicked']]);
  expect(spans.filter(({ name }) => name.startsWith('resolve ')).map((span) => [span.name, facts(span).outcome, facts(span)['confidence.source']])).toEqual([['resolve a', 'completed', 'estimated'], ['resolve b', 'completed', 'estimated']]);
});

it('what is found after the time of its strategy is not looked at any more', async () => {
  const { said } = await program(`
    const later = () => new Promise((resolve) => setImmediate(resolve));
    let find, count, validate;
    const asked = (name) => (found) => { say([name, found]); return new Promise((resolve) => (found === 'found' ? resolve(true) : name === 'count' ? (count = resolve) : (validate = resolve))); };
    const late = (name, finds) => ({ name, timeout: 20, find: finds });
    const strategies = [late('a', () => new Promise((resolve) => (find = resolve))), late('b', () => 'counted late'), late('c', () => 'validated late'), { name: 'd', find: () => 'found' }];
    const result = await selectors.resolve('menu', {
      strategies, count: (found) => (found === 'validated late' ? 1 : asked('count')(found)), validate: asked('validate'), confidence: (found) => { say(['confidence', found]); return 1; },
    }, async (found) => { find('found late'); count(1); validate(true); await later(); await later(); return found; });
    say(result);`);
  expect(said).toEqual([['count', 'counted late'], ['validate', 'validated late'], ['count', 'found'], ['validate', 'found'], ['confidence', 'found'], 'found']);
});

it('strategies of one name are told apart by their places', async () => {
  const { said, spans, totals } = await program(`
    selectors.use({ fallback: ({ from, to, because }) => say([from, to, because]), end: ({ fallback }) => say(fallback) });
    const strategies = [{ name: 'css', selector: '.old', find: () => null }, { name: 'css', selector: '.new', find: () => 'it' }];
    await selectors.resolve('renamed', { strategies }, (found, by) => say(by));
    const engine = selectors.start('renamed', { strategies: ['css', 'css'] });
    engine.attempt('css').end({ found: 0 });
    engine.attempt('css').end();
    engine.end();
    const again = selectors.start('retried');
    again.attempt('css').end({ found: 0 });
    again.attempt('css').end();
    again.end();`);
  expect(said).toEqual([['css', 'css', 'not_found'], { strategy: 'css', attempts: 2, fallback: true }, true, ['css', 'css', 'not_found'], true, false]);
  const parents = spans.filter(({ name }) => name.startsWith('resolve ')).map(facts);
  expect(parents.map(({ fallback, switch_count: switches, strategies, strategy_times: times }) => [fallback, switches, strategies, (times as number[]).length])).toEqual([[true, 1, ['css', 'css'], 2], [true, 1, ['css', 'css'], 2], [false, 0, ['css'], 1]]);
  expect(parents.slice(0, 2).every(({ strategy_times: times }) => (times as number[]).every((seconds) => seconds > 0))).toBe(true);
  expect(sum(totals, 'fallbacks')).toBe(2);
});

it('retries: all strategies again, and whether it recovered', async () => {
  const { said, spans, totals } = await program(`
    let calls = 0;
    const flaky = { name: 'css', find: (attempt) => { attempt.retry(); return ++calls < 3 ? null : 'it'; } };
    say(await selectors.resolve('spinner', { strategies: [flaky], retries: 5, retryDelay: 1 }));`);
  expect(said).toEqual(['it']);
  expect(facts(spans.at(-1)!)).toMatchObject({ operation: 'resolve', attempt_count: 3, switch_count: 0, retry_count: 5, recovered: true, fallback: false });
  expect(sum(totals, 'retries')).toBe(5);
  expect(sum(totals, 'attempts')).toBe(3);
});

it('options that make no sense, and finds that cannot be looked into, change nothing', async () => {
  const { said } = await program(`
    const proxy = new Proxy({}, { get(_, key) { if (key === 'then') return undefined; throw new Error('no ' + String(key)); } });
    const find = async () => { await new Promise((resolve) => setTimeout(resolve, 5)); return proxy; };
    for (const timeout of [0, -1, NaN, Infinity, 2 ** 31]) say((await selectors.resolve('a', { strategies: [{ name: 'x', find }], timeout, retries: NaN, retryDelay: -1, fingerprint: 'evaluate' })) === proxy);
    say(await selectors.resolve('a', { strategies: [{ name: 'x', find: () => null }, { name: 'y', find: () => new Set([1]) }], retries: -3 }).then((set) => set.size));
    say(await selectors.resolve('a', { strategies: [{ name: 'x', find: () => new Set() }, { name: 'y', find: () => new Set([1, 2]) }, { name: 'z', find: () => 'one' }] }));
    let tries = 0;
    say(await selectors.resolve('a', { strategies: [{ name: 'x', find: () => (++tries > 1 ? 'second' : null) }], retries: 1, retryDelay: '5', validate: null, count: null, confidence: null, fingerprint: null }));
    const odd = (value) => ({ strategies: [{ name: 'x', find: () => null, timeout: value }, { name: 'y', find: async () => 'it', timeout: value }], timeout: value, retries: value, retryDelay: value });
    for (const value of [Symbol('s'), 5n, {}, '5', Object.create(null)]) say(await selectors.resolve('a', odd(value)));
    for (const name of ['driver', 'page', 'parent', 'url']) say(await selectors.resolve('a', { ...odd(undefined), get [name]() { throw new Error('theirs'); } }).catch((error) => error.message));
    const unnamed = await caught(selectors.resolve(Symbol('a'), { strategies: [{ name: Symbol('x'), find: () => null }, { name: 'y', find: () => null }] }));
    say([unnamed instanceof SelectorNotFoundError, unnamed.message]);
    for (const none of [undefined, null, {}, { strategies: [] }]) say(await selectors.resolve('a', none).catch((error) => error.message));`, { quiet: false });
  expect(said.slice(0, 8)).toEqual([true, true, true, true, true, 1, 'one', 'second']);
  expect(said.splice(8, 10)).toEqual([...Array.from({ length: 9 }, () => 'it'), [true, 'no strategy found "(unnamed)" (tried: (unnamed), y)']]);
  expect(new Set(said.slice(8))).toEqual(new Set(['selectors.resolve("a"): strategies must be a list of { name, find }, at least one']));
});

it('a getter of the app’s that throws in the middle ends the operation, with what it threw', async () => {
  const names = ['timeout', 'count', 'retries', 'fingerprint'];
  const { said, spans } = await program(`
    for (const name of ${JSON.stringify(names)}) {
      const options = { strategies: [{ name: 'x', find: () => 'it' }] };
      Object.defineProperty(options, name, { get() { throw new RangeError(name); } });
      say(await selectors.resolve(name, options).catch((error) => [error.name, error.message]));
    }`);
  expect(said).toEqual(names.map((name) => ['RangeError', name]));
  expect(spans.filter(({ name }) => name.startsWith('resolve ')).map((span) => [span.name, facts(span).outcome])).toEqual(names.map((name) => [`resolve ${name}`, 'failed']));
});

it('what strategies and the action do is below them; parallel ones do not mix', async () => {
  const { spans } = await program(`
    const inner = (name) => selectors.start(name, { operation: 'click' }).end();
    const one = (n) => selectors.resolve('outer ' + n, { strategies: [{ name: 'css', find: async () => { await null; inner('find ' + n); return 1; } }] }, async () => { await null; inner('act ' + n); });
    await Promise.all([one(1), one(2)]);`);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const path = (name: string): string[] => {
    const found: string[] = [];
    for (let span = spans.find((one) => one.name === name); span !== undefined; span = byId.get(span.parentSpanId ?? '')) found.push(span.name);
    return found;
  };
  for (const n of [1, 2]) {
    expect(path(`click find ${n}`)).toEqual([`click find ${n}`, `attempt outer ${n}`, `resolve outer ${n}`]);
    expect(path(`click act ${n}`)).toEqual([`click act ${n}`, `resolve outer ${n}`]);
  }
});

it('10,000 at once: every one counted, in the numbers and in the spans', async () => {
  const { said, spans, totals } = await program(`
    const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
    const results = await Promise.all(Array.from({ length: 10_000 }, async (_, i) => selectors.resolve('row ' + (i % 7), { strategies: [
      { name: 'testid', find: async () => { await pause(); return i % 3 === 0 ? 'first' : null; } },
      { name: 'css', find: async () => { await pause(); return i % 5 === 0 ? null : 'second'; } },
    ] }).catch(() => 'none')));
    say(['first', 'second', 'none'].map((kind) => results.filter((result) => result === kind).length));`);
  const [first, second, none] = said[0];
  expect(first + second + none).toBe(10_000);
  expect(sum(totals, 'duration', 'operation=resolve')).toBe(10_000);
  expect(sum(totals, 'duration', 'operation=resolve', 'strategy=testid')).toBe(first);
  expect(sum(totals, 'fallbacks')).toBe(second);
  expect(sum(totals, 'duration', 'operation=resolve', 'outcome=failed')).toBe(none);
  expect(sum(totals, 'duration', 'operation=attempt')).toBe(10_000 + second + none);
  expect(sum(totals, 'attempts')).toBe(10_000 + second + none);
  expect(spans).toHaveLength(20_000 + second + none);
});

it('how long things take is real where a test of the app fakes its clocks', async () => {
  const { spans } = await program(`
    for (const [owner, name] of [[Date, 'now'], [performance, 'now'], [process, 'hrtime']]) owner[name] = () => owner === process ? [0, 0] : 0;
    const { setTimeout: after } = await import('node:timers/promises');
    await selectors.resolve('slow', { strategies: [{ name: 'css', find: async () => (await after(30), {}) }] });`);
  const { start, end, attributes } = spans.find(({ name }) => name === 'resolve slow')!;
  expect(Number(end - start)).toBeGreaterThan(25e6);
  expect(attributes['spoor.selector.wait_time']).toBeGreaterThan(0.025);
});
