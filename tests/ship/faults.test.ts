import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { directoryId } from '../../src/store/layout.ts';
import { CLI, run, temporaryDirectory } from '../support/program.ts';
import { backend, deadPort, type Answer, type Asked } from './backend.ts';
import { dropped, leave, left, setAside, ship, shipHere, TOOL } from './directory.ts';

/** Only for traces; numbers are taken. */
const traces =
  (answer: (asked: Asked, nth: number) => Answer) =>
  (() => {
    let nth = 0;
    return (asked: Asked): Answer => (asked.path === '/v1/traces' ? answer(asked, nth++) : undefined);
  })();

describe('what is there is sent', () => {
  test('once, in order, and the numbers exactly', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 40);
    const sink = await backend();
    const first = await ship(directory, sink.url);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(40);
    expect(left(directory)).toBe(0);
    const more = leave(directory, 2);
    await shipHere(directory, sink.url);
    await shipHere(directory, sink.url);
    expect(sink.spans).toEqual([...ids, ...more.ids]);
    expect(sink.values.get(TOOL)).toBe(42);
    expect(sink.outOfOrder).toEqual([]);
  });

  test('also what a process counted whose clock is hours behind', async () => {
    const directory = temporaryDirectory();
    leave(directory, 10);
    const sink = await backend();
    await ship(directory, sink.url);
    leave(directory, 10, { at: Date.now() - 3 * 3_600_000 });
    expect(await ship(directory, sink.url)).toMatchObject({ code: 0 });
    expect(sink.values.get(TOOL)).toBe(20);
    expect(sink.outOfOrder).toEqual([]);
  });

  test('the standard variables hold: headers, compression, paths, signals', async () => {
    const directory = temporaryDirectory();
    leave(directory, 3);
    const sink = await backend();
    await ship(directory, 'http://127.0.0.1:9', {
      env: {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${sink.url}/my/traces`,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_METRICS_EXPORTER: 'none',
      },
    });
    expect(sink.asked.map(({ path }) => path)).toEqual(['/my/traces']);
    expect(sink.asked[0]!.headers).toMatchObject({ authorization: 'Bearer x', 'content-encoding': 'gzip', 'content-type': 'application/json' });
    expect(sink.spans).toHaveLength(3);
  });

  test('an endpoint that is no URL is said, and not taken for another one', async () => {
    const { code, stderr } = await ship(temporaryDirectory(), 'localhost:4318');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT: what is set is not a URL') });
  });

  test('what may be secret in the endpoint is not said', async () => {
    const directory = temporaryDirectory();
    leave(directory, 1);
    const { stderr } = await ship(directory, `http://user:hunter2@127.0.0.1:${await deadPort()}`, { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${await deadPort()}/?key=hunter2`, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2' } });
    expect(stderr).toContain('cannot be sent');
    expect(stderr + readFileSync(`${directory}/ship/status.json`, 'utf8')).not.toContain('hunter2');
  });

  test('nor what a backend quotes of it', async () => {
    const directory = temporaryDirectory();
    leave(directory, 1);
    const sink = await backend(({ headers, path }) => ({ status: 401, body: `no ${headers.authorization} nor ${headers['x-api-key']} may write to ${path}` }));
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter2a,x-api-key=hunter2b', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${sink.url.replace('//', '//user:hunter2c@')}/v1/metrics?key=hunter2d`, OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-api-key=hunter2b' };
    const { stderr } = await ship(directory, sink.url, { env });
    expect(stderr).toContain('HTTP 401: Unauthorized: no [REDACTED] nor [REDACTED] may write to /v1/traces');
    expect(stderr).toContain('HTTP 401: Unauthorized: no [REDACTED] nor [REDACTED] may write to /v1/metrics?key=[REDACTED]');
    const doctor = await run(process.execPath, [CLI, 'doctor', '--dir', directory], { env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url } });
    expect(doctor.stdout).toContain('HTTP 401: Unauthorized: no [REDACTED]');
    expect(stderr + doctor.stdout + readFileSync(`${directory}/ship/status.json`, 'utf8')).not.toMatch(new RegExp(`hunter2|${Buffer.from('user:hunter2c').toString('base64')}`));
  });

  test('but nothing where everything is turned off', async () => {
    const directory = temporaryDirectory();
    leave(directory, 3);
    const sink = await backend();
    const env = { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: sink.url };
    expect(await ship(directory, sink.url, { env })).toMatchObject({ code: 0, stderr: expect.stringContaining('OTEL_SDK_DISABLED') });
    expect(await run(process.execPath, [CLI, 'run', '--dir', directory, '--', 'true'], { env })).toMatchObject({ code: 0 });
    expect(sink.asked).toEqual([]);
  });

  test('settings that cannot be used are said', async () => {
    const directory = temporaryDirectory();
    const sink = await backend();
    const { code, stderr } = await ship(directory, sink.url, { env: { SPOOR_CONFIG: join(directory, 'typo.json'), SPOOR_SHIP_RATE: 'fast' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/SPOOR_CONFIG: .*typo\.json cannot be read.*SPOOR_SHIP_RATE: "fast" is not a size/) });
  });

  test('a directory that is not there is said, and not made', async () => {
    const directory = join(temporaryDirectory(), 'a', 'typo');
    const sink = await backend();
    const { code, stderr } = await ship(directory, sink.url);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`there is no directory ${directory}`) });
    expect(existsSync(join(directory, '..'))).toBe(false);
    expect(sink.asked).toEqual([]);
  });

  test('a folder in which nothing is recorded is said, and left as it is', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'theirs'), '');
    const sink = await backend();
    const { code, stderr } = await ship(directory, sink.url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`Nothing has been recorded in ${directory} yet`) });
    expect(readdirSync(directory)).toEqual(['theirs']);
    expect(sink.asked).toEqual([]);
  });

  test('without an endpoint it says what to set', async () => {
    const { code, stderr } = await ship(temporaryDirectory(), '');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT') });
  });
});

describe('a backend that does not take it now: one message, everything kept, and sent when it is back', () => {
  test.each<[string, Answer]>([
    ['hangs', 'hang'],
    ['drops the connection', 'drop'],
    ['503', { status: 503 }],
    ['429', { status: 429, headers: { 'retry-after': '30' } }],
    ['500', { status: 500, body: 'out of order' }],
  ])('%s', async (_, answer) => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 20);
    const sink = await backend(() => answer);
    const { code, stderr } = await ship(directory, sink.url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/kept in .* sent later/);
    expect(sink.spans).toEqual([]);
    expect(left(directory)).toBeGreaterThan(0);
    sink.answer = () => undefined;
    expect(await shipHere(directory, sink.url)).toBeUndefined();
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(20);
    expect(setAside(directory)).toEqual([]);
  });

  test.each<[string, Answer, RegExp]>([
    ['a web page, of a login say', { status: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><html><body>Please log in</body></html>' }, /a web page came for an answer/],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.invalid/' } }, /HTTP 302: Found.* \(redirects are not followed/],
  ])('%s is no backend', async (_, answer, said) => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 3);
    const sink = await backend(() => answer);
    const stop = await shipHere(directory, sink.url);
    expect(stop).toMatchObject({ kind: 'misconfigured', said: expect.stringMatching(said) });
    sink.spans.length = 0;
    sink.answer = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: 'OK' });
    expect(await shipHere(directory, sink.url)).toBeUndefined();
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(3);
  });

  test('closes the connection in the middle of a request', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 2_000);
    const sink = await backend();
    sink.cutsRequests = true;
    expect(await shipHere(directory, sink.url)).toMatchObject({ kind: 'unavailable' });
    sink.cutsRequests = false;
    expect(await shipHere(directory, sink.url)).toBeUndefined();
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(2_000);
  });

  test('answers for ever', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 2);
    const sink = await backend(() => 'drip');
    await shipHere(directory, sink.url);
    sink.answer = () => undefined;
    await shipHere(directory, sink.url);
    expect([...new Set(sink.spans)]).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(2);
  });

  test('is not there, then it is', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 20);
    const port = await deadPort();
    const { code, stderr } = await ship(directory, `http://127.0.0.1:${port}`);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
    const sink = await backend(undefined, { port });
    await shipHere(directory, sink.url);
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(20);
  });

  test('comes back: a small request first, then all the others, in order', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 3_000);
    const sink = await backend();
    sink.answer = ({ path }) => (path === '/v1/traces' && sink.asked.filter((other) => other.path === path).length === 1 ? 'drop' : undefined);
    await shipHere(directory, sink.url, { compacts: true });
    expect(sink.spans).toEqual(ids);
    const [failed, first, second] = sink.asked.filter(({ path }) => path === '/v1/traces').map(({ text }) => text.length);
    expect(failed).toBeGreaterThan(400_000);
    expect(first).toBeLessThan(20_000);
    expect(second).toBeGreaterThan(400_000);
  });

  test('drops the connection after it took the request: sent again, the numbers no more than they are', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 20);
    const sink = await backend();
    sink.answer = ({ index, text }) => {
      if (index > 1) return undefined;
      for (const [, id] of text.matchAll(/"spanId":"(\w+)","name"/g)) sink.spans.push(id!);
      return 'drop';
    };
    await shipHere(directory, sink.url);
    await shipHere(directory, sink.url);
    expect([...new Set(sink.spans)]).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(20);
    expect(sink.outOfOrder).toEqual([]);
  });
});

describe('a request that is refused for good', () => {
  test('400: the bad line is found and set aside, the rest arrives in order, and it is counted', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 50);
    const bad = ids[17]!;
    const sink = await backend(traces(({ text }) => (text.includes(bad) ? { status: 400, body: 'bad span' } : undefined)));
    const { code, stderr } = await ship(directory, sink.url);
    expect(code).toBe(0);
    expect(stderr).toContain('bad span');
    expect(sink.spans).toEqual(ids.filter((id) => id !== bad));
    expect(setAside(directory)).toEqual([expect.stringContaining(bad)]);
    expect(left(directory)).toBe(0);
    leave(directory, 1);
    await shipHere(directory, sink.url);
    expect(sink.values.get(dropped('ship_refused'))).toBe(1);
  });

  test('400 to everything is no bad line: kept', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 5);
    const sink = await backend(() => ({ status: 400 }));
    const { code, stderr } = await ship(directory, sink.url);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('to an empty request too') });
    expect(setAside(directory)).toEqual([]);
    sink.answer = () => undefined;
    await shipHere(directory, sink.url);
    expect(sink.spans).toEqual(ids);
  });

  test('400 to one metric point: the others arrive', async () => {
    const directory = temporaryDirectory();
    leave(directory, 3);
    leave(directory, 4, { service: 'poison' });
    const sink = await backend(({ path, text }) => (path === '/v1/metrics' && text.includes('poison') && text.includes('spoor.spawn.duration') ? { status: 400 } : undefined));
    expect(await shipHere(directory, sink.url)).toBeUndefined();
    expect(sink.values.get(TOOL)).toBe(3);
    expect(setAside(directory).join()).toContain('poison');
  });

  test.each<[string, Answer]>([
    ['400', { status: 400, body: 'out of order' }],
    ['a partial success', { status: 200, body: JSON.stringify({ partialSuccess: { rejectedDataPoints: '1', errorMessage: 'over quota' } }) }],
  ])('%s to every number: what that makes the sender count goes with the next send, not with this one for ever', async (_, answer) => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 5);
    let numbers = 0;
    const sink = await backend(({ text }) => (text.includes('"dataPoints"') && ++numbers <= 100 ? answer : undefined));
    expect(await ship(directory, sink.url)).toMatchObject({ code: 0 });
    expect(sink.spans).toEqual(ids);
    expect(numbers).toBeLessThan(50);
    const refused = setAside(directory).length;
    sink.answer = () => undefined;
    leave(directory, 1);
    await shipHere(directory, sink.url);
    expect(sink.values.get(TOOL)).toBe(6);
    expect(sink.values.get(dropped('ship_refused')) ?? 0).toBe(refused);
    expect(sink.values.has(dropped('ship_rejected'))).toBe(refused === 0);
  });

  test('413: smaller requests', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 60);
    const sink = await backend(({ text }) => (text.length > 8_000 ? { status: 413 } : undefined));
    expect(await shipHere(directory, sink.url)).toBeUndefined();
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(60);
    expect(setAside(directory)).toEqual([]);
  });

  test('413 is learned from: the next requests are small enough', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 500);
    let refused = 0;
    const sink = await backend(({ text }) => (text.length > 20_000 && ++refused ? { status: 413 } : undefined));
    await shipHere(directory, sink.url, { shipRequestSize: 64_000 });
    expect(sink.spans).toEqual(ids);
    // The one, and the one that was made ready meanwhile.
    expect(refused).toBeLessThanOrEqual(2);
  });

  test('partial success is counted', async () => {
    const directory = temporaryDirectory();
    leave(directory, 10);
    const sink = await backend(traces(() => ({ status: 200, body: JSON.stringify({ partialSuccess: { rejectedSpans: '3', errorMessage: 'too long ago' } }) })));
    const { code, stderr } = await ship(directory, sink.url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('rejected 3 spans of it: too long ago') });
    expect(left(directory)).toBe(0);
    leave(directory, 1);
    sink.answer = () => undefined;
    await shipHere(directory, sink.url);
    expect(sink.values.get(dropped('ship_rejected'))).toBe(3);
  });
});

test.each([401, 403, 404])('%i: one clear message, nothing is lost', async (status) => {
  const directory = temporaryDirectory();
  const { ids } = leave(directory, 5);
  const sink = await backend(() => ({ status }));
  const { code, stderr } = await ship(directory, sink.url);
  expect(code).toBe(1);
  expect(stderr).toContain(status === 404 ? 'is the path of the endpoint right?' : 'OTEL_EXPORTER_OTLP_HEADERS');
  expect(stderr.split('\n').filter((line) => line.includes('spans cannot be sent'))).toHaveLength(1);
  expect(setAside(directory)).toEqual([]);
  sink.answer = () => undefined;
  await shipHere(directory, sink.url);
  expect(sink.spans).toEqual(ids);
  expect(sink.values.get(TOOL)).toBe(5);
});

describe('bounds', () => {
  test('what is too old, or too much, is not sent any more, the oldest first, and counted', async () => {
    const directory = temporaryDirectory();
    const HOUR = 3_600_000;
    leave(directory, 4, { at: Date.now() - 50 * HOUR });
    leave(directory, 30, { at: Date.now() - 3 * HOUR });
    const { ids, tracePath } = leave(directory, 10);
    const sink = await backend();
    const most = readFileSync(tracePath).length + 100;
    await shipHere(directory, sink.url, { shipMaxAge: 48 * HOUR, shipMaxSize: most });
    expect(sink.spans.slice(-10)).toEqual(ids);
    expect(sink.spans.length).toBe(10);
    await shipHere(directory, sink.url);
    expect(sink.values.get(dropped('ship_age'))).toBe(4);
    expect(sink.values.get(dropped('ship_size'))).toBe(30);
    expect(sink.values.get(TOOL)).toBe(44);
  });

  test('a rate', async () => {
    const directory = temporaryDirectory();
    const { tracePath } = leave(directory, 100);
    const sink = await backend();
    const rate = readFileSync(tracePath).length / 6;
    // The first second's worth goes at once, the rest at the rate.
    await shipHere(directory, sink.url, { shipRequestSize: 8_000, shipRate: rate });
    const sent = sink.asked.filter(({ path }) => path === '/v1/traces');
    expect(sink.spans).toHaveLength(100);
    const bytes = sent.reduce((sum, { text }) => sum + text.length, 0);
    const least = ((bytes - rate) / rate) * 1000;
    expect(least).toBeGreaterThan(300);
    expect(sent.at(-1)!.at - sent[0]!.at).toBeGreaterThan(least * 0.7);
    const { ids } = leave(directory, 2);
    expect(await shipHere(directory, sink.url, { shipRate: 0 })).toBeUndefined();
    expect(sink.spans.slice(100)).toEqual(ids);
  });
});

test('a state that was written half, or by hand, begins anew: spans again, totals as they are', async () => {
  const directory = temporaryDirectory();
  const { ids } = leave(directory, 6);
  const sink = await backend();
  await shipHere(directory, sink.url);
  for (const signal of ['traces', 'metrics']) {
    const path = `${directory}/ship/${signal}.json`;
    writeFileSync(path, readFileSync(path).subarray(0, 50));
  }
  writeFileSync(`${directory}/ship/status.json`, '{"version":1,"tra');
  const { code, stderr } = await ship(directory, sink.url);
  expect(code).toBe(0);
  expect(stderr).toContain('traces.json.corrupt');
  expect([...new Set(sink.spans)]).toEqual(ids);
  expect(sink.values.get(TOOL)).toBe(6);
});

/** Six operations that were sent, and a state of their streams that was changed since. */
async function shippedThen(change: (state: any) => void) {
  const directory = temporaryDirectory();
  leave(directory, 6);
  const sink = await backend();
  await shipHere(directory, sink.url);
  const path = `${directory}/ship/metrics.json`;
  const state = JSON.parse(readFileSync(path, 'utf8'));
  change(state);
  writeFileSync(path, JSON.stringify(state));
  return { directory, sink, path };
}

test('a state whose parts do not fit together is set aside too, not read in vain for ever', async () => {
  const { directory, sink, path } = await shippedThen((state) => (state.streams.offers = [{ json: '{"resourceMetrics":[]}', at: Date.now() - 3_600_000, streams: [999] }]));
  expect(await shipHere(directory, sink.url)).toBeUndefined();
  expect(existsSync(`${path}.corrupt`)).toBe(true);
  expect(sink.values.get(TOOL)).toBe(6);
});

const DAMAGES: readonly [string, (stream: any) => void][] = [
  ['a text for a count', ({ total }) => (total.positive.bucketCounts[0] = '7'.repeat(400))],
  ['a number for a histogram', (stream) => (stream.total = 7)],
  ['no time', ({ times }) => (times[1] = null)],
];
test.each(DAMAGES)('a total that is none is set aside as well: %s', async (_, damage) => {
  const { directory, sink } = await shippedThen((state) => damage(state.streams.services.flatMap(({ metrics }: any) => metrics).find(({ name }: any) => name === 'spoor.spawn.duration').streams[0]));
  leave(directory, 1);
  const { code, stderr } = await ship(directory, sink.url);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('metrics.json.corrupt') });
  expect(sink.values.get(TOOL)).toBe(7);
});

test('an identity that was not written, on a full disk, is made anew by who sends', async () => {
  const directory = temporaryDirectory();
  const { ids } = leave(directory, 6);
  truncateSync(`${directory}/id`, 0);
  const sink = await backend();
  expect(await ship(directory, sink.url)).toMatchObject({ code: 0 });
  expect(sink.spans).toEqual(ids);
  const id = directoryId(directory);
  expect(id).toBeDefined();
  expect(sink.asked.find(({ path }) => path === '/v1/metrics')!.text).toContain(id);
  await shipHere(directory, sink.url);
  expect(directoryId(directory)).toBe(id);
});
