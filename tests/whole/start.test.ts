import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collector, lastMetrics, spanNames } from '../direct/collector.ts';
import { CLI, type ProgramOptions, REGISTER, ROOT, type RecordedSpan, type Result, run, runRegistered, spans, temporaryDirectory, totals } from '../support/program.ts';

const INDEX = JSON.stringify(join(ROOT, 'dist/src/index.js'));

/** An ES module that imports spoor, as `program.mjs` in a directory of its own. */
function module(code: string, options: ProgramOptions & { directory: string }): Promise<Result> {
  const file = join(temporaryDirectory(), 'program.mjs');
  writeFileSync(file, `import { start, correlation, spawns } from ${INDEX};\nimport { execFileSync, spawn } from 'node:child_process';\n${code}`);
  return run(process.execPath, [file], { ...options, env: { SPOOR_DIR: options.directory, ...options.env } });
}

describe('start()', () => {
  test('is idempotent, flushes, tells its health, and stops', async () => {
    const directory = temporaryDirectory();
    const { stdout, stderr } = await module(
      `const first = start();
       const second = start({ maxSeries: 1 });
       execFileSync('true');
       await first.flush();
       await second.flush();
       console.log(JSON.stringify(first.health()));
       await second.shutdown();
       await first.shutdown();
       execFileSync('true');
       console.log(JSON.stringify(first.health()));`,
      { directory },
    );
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').map((line) => JSON.parse(line))).toEqual([
      { state: 'recording', directory, dropped: {} },
      { state: 'off', directory, dropped: {} },
    ]);
    expect(spans(directory)).toHaveLength(1);
    expect(Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.spawn.duration')).map(([, count]) => count)).toEqual([1]);
  });

  test('options in code win; a directory that cannot be written is degraded health, and nothing is thrown', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const directory = join(file, '.spoor');
    const { code, stdout } = await module(`const spoor = start({ directory: ${JSON.stringify(directory)} }); execFileSync('true'); await spoor.flush(); console.log(JSON.stringify(spoor.health()));`, {
      directory: temporaryDirectory(),
    });
    expect(code).toBe(0);
    const health = JSON.parse(stdout);
    expect(health).toMatchObject({ state: 'degraded', directory });
    expect(Object.keys(health.dropped)).toEqual([expect.stringMatching(/^E(NOTDIR|EXIST)$/)]);
  });

  test('the app’s own spans, through the API that spoor imports too, are written', async () => {
    const directory = temporaryDirectory();
    const { stderr } = await module(
      `import { trace } from ${JSON.stringify(join(ROOT, 'node_modules/@opentelemetry/api/build/src/index.js'))};
       start();
       trace.getTracer('app').startActiveSpan('outer', (span) => { execFileSync('true'); span.end(); });`,
      { directory },
    );
    expect(stderr).toBe('');
    const [child, outer] = spans(directory);
    expect([child!.name, outer!.name, outer!.scope]).toEqual(['true', 'outer', 'app']);
    expect(child!.parentSpanId).toBe(outer!.spanId);
  });
});

describe('an app that goes elsewhere before it spawns', () => {
  const SPAWN = `const { spawnSync } = require('node:child_process'); process.chdir('elsewhere'); spawnSync('true');`;

  /** A directory with a configuration of its own, and one below it to go to. */
  function place(): string {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'elsewhere'));
    writeFileSync(join(cwd, 'spoor.config.json'), JSON.stringify({ directory: 'data', recordArguments: true }));
    return cwd;
  }

  test.each<[string, string[]]>([
    ['register', ['--require', REGISTER, '-e', SPAWN]],
    ['start()', ['-e', `import(${INDEX}).then(({ start }) => { start(); ${SPAWN} })`]],
  ])('is recorded where it was started, as it is configured there: %s', async (_name, args) => {
    const cwd = place();
    expect(await run(process.execPath, args, { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect(spans(join(cwd, 'data'))).toMatchObject([{ name: 'true', attributes: { 'process.command_args': [] } }]);
    expect(readdirSync(join(cwd, 'elsewhere'))).toEqual([]);
  });

  test('spoor/instrument: children are told the directory of where it was started', async () => {
    const cwd = place();
    const code = `const { execFileSync } = require('node:child_process'); process.chdir('elsewhere'); process.stdout.write(execFileSync(process.execPath, ['-p', 'process.env.SPOOR_DIR']))`;
    expect(await run(process.execPath, ['--require', join(ROOT, 'dist/instrument.cjs'), '-e', code], { cwd })).toMatchObject({ code: 0, stdout: `${join(cwd, 'data')}\n`, stderr: '' });
  });

  test('health() tells it too', async () => {
    const cwd = temporaryDirectory();
    const code = `import(${INDEX}).then(({ start }) => { const spoor = start({ files: undefined }); process.chdir('/'); console.log(JSON.stringify(spoor.health())); })`;
    const { stdout } = await run(process.execPath, ['-e', code], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'recording', directory: join(cwd, '.spoor') });
  });
});

describe('the correlation id', () => {
  const TREE = `
    const { execFileSync } = require('node:child_process');
    const { trace } = require(${JSON.stringify(join(ROOT, 'node_modules/@opentelemetry/api/build/src/index.js'))});
    trace.getTracer('app').startSpan('own root', { root: true }).end();
    const depth = Number(process.argv[2]);
    if (depth > 0) execFileSync(process.execPath, [__filename, String(depth - 1)]);`;

  function tree(): string {
    const file = join(temporaryDirectory(), 'tree.cjs');
    writeFileSync(file, TREE);
    return file;
  }

  test('is the trace id of the tree, on every span of every process, those with traces of their own too', async () => {
    const directory = temporaryDirectory();
    await runRegistered(directory, [tree(), '2']);
    const written = spans(directory);
    expect(written).toHaveLength(5);
    const [outermost] = written.filter(({ name, parentSpanId }) => name !== 'own root' && parentSpanId === undefined);
    const below = written.filter(({ resource }) => resource['process.pid'] !== outermost!.resource['process.pid']);
    expect(below).toHaveLength(3);
    expect(new Set(below.map(({ attributes }) => attributes['spoor.correlation.id']))).toEqual(new Set([outermost!.traceId]));
  });

  test('is what SPOOR_CORRELATION_ID says', async () => {
    const directory = temporaryDirectory();
    await runRegistered(directory, [tree(), '2'], { env: { SPOOR_CORRELATION_ID: 'release 7' } });
    expect(spans(directory).map(({ attributes }) => attributes['spoor.correlation.id'])).toEqual(Array.from({ length: 5 }, () => 'release 7'));
  });

  test('is on the lines of spoor’s own log: in a trace its own, else that of the process', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    // What cannot be written is said.
    const env = { SPOOR_DIR: join(file, '.spoor'), SPOOR_LOG: 'json', OTEL_LOG_LEVEL: 'info' };
    const ids = async (more: NodeJS.ProcessEnv, code: string): Promise<unknown[]> => {
      const { stderr } = await module(code, { directory: env.SPOOR_DIR, env: { ...env, ...more } });
      return stderr.trim().split('\n').map((line) => JSON.parse(line)).map(({ event, correlation_id: id }) => [event, id]);
    };
    const trace = 'ab'.repeat(16);
    const inherited = { TRACEPARENT: `00-${trace}-${'cd'.repeat(8)}-01` };
    const dropped = expect.stringContaining('dropped_');
    const FAIL = `execFileSync('true')`;
    expect(await ids(inherited, `start(); ${FAIL}`)).toEqual(expect.arrayContaining([['started', trace], [dropped, trace]]));
    expect(await ids({ ...inherited, SPOOR_CORRELATION_ID: 'release 7' }, `start(); ${FAIL}`)).toEqual(expect.arrayContaining([['started', 'release 7'], [dropped, 'release 7']]));
    expect(await ids({}, `start(); correlation.with('job-1', () => ${FAIL})`)).toEqual(expect.arrayContaining([[dropped, 'job-1']]));
    expect(await ids({ ...inherited, SPOOR_MAX_SERIES: 'lots' }, `start(); ${FAIL}`)).toEqual(expect.arrayContaining([['bad_value', trace]]));
  });

  test('is what `with` sets, in the children that are started within', async () => {
    const directory = temporaryDirectory();
    const file = tree();
    await module(`start(); correlation.with('job-1', () => execFileSync(process.execPath, [${JSON.stringify(file)}, '1'])); execFileSync('true');`, { directory });
    const ids = spans(directory).map(({ name, attributes }) => [name, attributes['spoor.correlation.id']]);
    expect(ids.filter(([, id]) => id === 'job-1')).toHaveLength(4);
    expect(ids.find(([name]) => name === 'true')![1]).not.toBe('job-1');
  });
});

describe('an OTLP endpoint', () => {
  const SPAWN = `require('node:child_process').execFileSync('true')`;

  test('is sent what the files are given', async () => {
    const directory = temporaryDirectory();
    const backend = await collector();
    const { code } = await runRegistered(directory, ['-e', `${SPAWN}; process.exit(3)`], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url } });
    expect(code).toBe(3);
    expect(spanNames(backend)).toEqual(['true']);
    expect(spans(directory).map(({ name }) => name)).toEqual(['true']);
    expect(lastMetrics(backend)['spoor.spawn.duration'].exponentialHistogram.dataPoints.at(-1)).toMatchObject({ count: 1 });
  });

  test('without files, nothing is on disk; without either, it is said', async () => {
    const directory = join(temporaryDirectory(), '.spoor');
    const backend = await collector();
    await runRegistered(directory, ['-e', SPAWN], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SPOOR_FILES: 'off' } });
    expect(spanNames(backend)).toEqual(['true']);
    expect(spans(directory)).toEqual([]);
    const { code, stderr } = await runRegistered(directory, ['-e', SPAWN], { env: { SPOOR_FILES: 'off' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'spoor: configuration: SPOOR_FILES is off and there is no OTEL_EXPORTER_OTLP_ENDPOINT to send to: nothing is kept; set one of them\n' });
  });
});

test('times are real where a test of the app fakes its clocks, also before its first spawn', async () => {
  const directory = temporaryDirectory();
  const before = BigInt(Date.now()) * 1_000_000n;
  const fakes = '[[Date, 0], [performance, 0], [process, [0, 0]]].forEach(([owner, time]) => (owner[owner === process ? "hrtime" : "now"] = () => time))';
  expect(await runRegistered(directory, ['-e', `${fakes}; require('child_process').execSync('sleep 0.05')`])).toMatchObject({ code: 0, stderr: '' });
  const [{ start, end }] = spans(directory) as [RecordedSpan];
  expect(start).toBeGreaterThanOrEqual(before);
  expect(end - start).toBeGreaterThan(50_000_000n);
});

describe('what is given to start()', () => {
  test('a sampler holds for operations and for spans by the API, and wins over the variable', async () => {
    const code = (sampler: string) => `const { trace } = await import('@opentelemetry/api');
      start({ tracesSampler: '${sampler}' });
      execFileSync('true');
      trace.getTracer('a').startSpan('api').end();`;
    const [off, on] = [temporaryDirectory(), temporaryDirectory()];
    await inRoot(code('always_off'), off);
    await inRoot(code('parentbased_always_on'), on, { OTEL_TRACES_SAMPLER: 'always_off' });
    expect([spans(off).map(({ name }) => name), spans(on).map(({ name }) => name)]).toEqual([[], ['true', 'api']]);
  });

  test('level and form of the log', async () => {
    const { stderr } = await module("start({ logLevel: 'info', log: 'json' }); execFileSync('true');", { directory: temporaryDirectory() });
    expect(JSON.parse(stderr.split('\n')[0]!)).toMatchObject({ level: 'info', event: 'started' });
  });
});

test('after a shutdown nothing goes to the SDK of the app instead, and health tells what was lost', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, '.spoor'));
  writeFileSync(join(directory, '.spoor/traces'), 'in the way');
  const { stdout } = await inRoot(
    `const { NodeTracerProvider, SimpleSpanProcessor, InMemorySpanExporter } = await import('@opentelemetry/sdk-trace-node');
     const { metrics } = await import('@opentelemetry/api');
     const exporter = new InMemorySpanExporter();
     new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
     let asked = 0;
     const meter = new Proxy({}, { get: () => () => (asked++, { add() {}, record() {} }) });
     metrics.setGlobalMeterProvider({ getMeter: () => meter });
     const spoor = start();
     const one = () => spawns.run({ role: 'r', model: 'm', task: 't', source: 's' }, () => {});
     one();
     await spoor.shutdown();
     one();
     console.log(JSON.stringify([exporter.getFinishedSpans().length, asked, spoor.health()]));`,
    join(directory, '.spoor'),
  );
  expect(JSON.parse(stdout)).toEqual([0, 0, { state: 'off', directory: join(directory, '.spoor'), dropped: { ENOTDIR: 1 }, lastError: 'dropped: ENOTDIR' }]);
});

test('a span without a name is written, and one with too many attributes is counted', async () => {
  const directory = temporaryDirectory();
  await inRoot(
    `const { trace } = await import('@opentelemetry/api');
     start();
     trace.getTracer('t').startSpan(undefined).end();
     for (let i = 0; i < 3; i++) spawns.run({ role: 'r', model: 'm', task: 't', source: 's' }, () => {
       trace.getActiveSpan().setAttributes(Object.fromEntries(Array.from({ length: 130 }, (_, k) => ['k' + k, k])));
     });
     process.kill(process.pid, 'SIGKILL');`,
    directory,
  );
  expect(spans(directory).map(({ name }) => name)).toEqual(['', 'invoke_agent r', 'invoke_agent r', 'invoke_agent r']);
  expect(spans(directory)[3]!.attributes).toMatchObject({ 'spoor.spawn.role': 'r', 'spoor.sequence': 3 });
  const report = await run(process.execPath, [CLI, 'report', '--json'], { env: { SPOOR_DIR: directory } });
  expect(JSON.parse(report.stdout)).toMatchObject({ spawns: [{ role: 'r', count: 3, succeeded: 3 }] });
});

test('an app that replaces functions of fs, and counts their calls, sees its own calls alone; and it is recorded', async () => {
  const directory = temporaryDirectory();
  const code = `
    const fs = require('node:fs'); const cp = require('node:child_process');
    cp.execSync('true');
    const descriptor = fs.openSync(${JSON.stringify(join(directory, 'app.log'))}, 'w');
    const real = { ...fs };
    let calls = 0;
    for (const name of Object.keys(fs)) if (/Sync$/.test(name)) fs[name] = (...args) => (calls++, name === 'openSync' ? descriptor : name === 'existsSync');
    cp.execSync('true');
    cp.spawnSync(process.execPath, ['-e', '0']);
    for (const name of Object.keys(fs)) if (/Sync$/.test(name)) fs[name] = real[name];
    fs.writeSync(descriptor, 'data of the app');
    console.log(calls, fs.readFileSync(${JSON.stringify(join(directory, 'app.log'))}, 'utf8'));`;
  expect(await runRegistered(join(directory, '.spoor'), ['-e', code])).toMatchObject({ code: 0, stdout: '0 data of the app\n', stderr: '' });
  expect(spans(join(directory, '.spoor')).map(({ name }) => name)).toEqual(['true', 'true', 'node']);
});

/** An ES module that may import the packages of this one. */
function inRoot(code: string, directory: string, env: NodeJS.ProcessEnv = {}): Promise<Result> {
  const imports = `import { start, spawns } from ${INDEX}; import { execFileSync } from 'node:child_process';`;
  return run(process.execPath, ['--input-type=module', '-e', imports + code], { cwd: ROOT, env: { SPOOR_DIR: directory, ...env } });
}
