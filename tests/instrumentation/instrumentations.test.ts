/** The two instrumentations in an SDK of the app's own, several at once, and switched off again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REGISTER, ROOT, run, spans, temporaryDirectory } from '../support/program.ts';

const header = `
  import { createRequire } from 'node:module';
  const require = createRequire(${JSON.stringify(join(ROOT, 'package.json'))});
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { context } = require('@opentelemetry/api');
  const { suppressTracing } = require('@opentelemetry/core');
  const { ChildProcessInstrumentation } = await import(${JSON.stringify(join(ROOT, 'dist/src/instrumentation/child-process.js'))});
  const { WorkerThreadsInstrumentation } = await import(${JSON.stringify(join(ROOT, 'dist/src/instrumentation/worker-threads.js'))});
  import * as cp from 'node:child_process';
  import { Worker } from 'node:worker_threads';
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const names = () => exporter.getFinishedSpans().map((span) => span.name);
`;

async function program(code: string, env: NodeJS.ProcessEnv = {}): Promise<{ out: unknown; directory: string }> {
  const directory = temporaryDirectory();
  const file = join(directory, 'program.mjs');
  writeFileSync(file, header + code);
  const result = await run(process.execPath, [file], { cwd: directory, env: { SPOOR_DIR: join(directory, '.spoor'), ...env } });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return { out: JSON.parse(result.stdout), directory: join(directory, '.spoor') };
}

test('spans go to the provider of the app; nothing is written to disk', async () => {
  const { out, directory } = await program(`
    provider.register();
    const all = [new ChildProcessInstrumentation({ preload: false }), new WorkerThreadsInstrumentation({ preload: false })];
    registerInstrumentations({ instrumentations: all, tracerProvider: provider });
    cp.execSync('true');
    cp.spawn('false').on('close', () => new Worker('', { eval: true }).on('exit', () => console.log(JSON.stringify([names(), all.map((one) => [one.instrumentationName, one.instrumentationVersion])]))));
  `);
  expect(out).toEqual([['true', 'false', 'worker [eval]'], [['spoor/child_process', '0.1.0'], ['spoor/worker_threads', '0.1.0']]]);
  expect(spans(directory)).toEqual([]);
});

test('two instances make one span; the last one is in use, and the one before when it is gone', async () => {
  const { out } = await program(`
    const one = new ChildProcessInstrumentation({ preload: false, ignore: () => true });
    const two = new ChildProcessInstrumentation({ preload: false });
    one.setTracerProvider(provider);
    two.setTracerProvider(provider);
    cp.execSync('true');
    const before = names().length;
    two.disable();
    two.disable();
    cp.execSync('true');
    const ignored = names().length;
    two.enable();
    cp.execSync('true');
    console.log(JSON.stringify([before, ignored, names().length]));
  `);
  expect(out).toEqual([1, 1, 2]);
});

test('suppressed tracing makes no span and leaves the environment alone', async () => {
  const { out } = await program(`
    provider.register();
    const one = new ChildProcessInstrumentation();
    one.setTracerProvider(provider);
    const print = 'process.stdout.write(String([process.env.TRACEPARENT, process.env.NODE_OPTIONS]))';
    const seen = context.with(suppressTracing(context.active()), () => cp.execFileSync(process.execPath, ['-e', print], { encoding: 'utf8' }));
    console.log(JSON.stringify([seen, names()]));
  `);
  expect(out).toEqual([',', []]);
});

test('own predicates; their faults are not the app’s', async () => {
  const { out } = await program(`
    const one = new ChildProcessInstrumentation({ preload: false, isSuccess: (executable, code) => { if (code === 9) throw new Error('x'); return executable === 'sh' && code === 3; } });
    one.setTracerProvider(provider);
    cp.spawnSync('sh', ['-c', 'exit 3']);
    cp.spawnSync('sh', ['-c', 'exit 9']);
    console.log(JSON.stringify(exporter.getFinishedSpans().map((span) => span.attributes['error.type'] ?? null)));
  `);
  expect(out).toEqual([null, 'exit_code']);
});

test('beside the preload: one span each, to the provider of the app and to the files', async () => {
  const { out, directory } = await program(
    `
    const one = new ChildProcessInstrumentation();
    one.setTracerProvider(provider);
    cp.execSync('true');
    console.log(JSON.stringify(names()));
  `,
    { NODE_OPTIONS: `--require ${REGISTER}` },
  );
  expect(out).toEqual(['true']);
  expect(spans(directory).map((span) => span.name)).toEqual(['true']);
});

test('registered under the preload, where the API’s provider is spoor’s own: one line a span', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'program.mjs');
  writeFileSync(file, `${header}registerInstrumentations({ instrumentations: [new ChildProcessInstrumentation({ preload: false })] }); cp.execSync('true');`);
  const result = await run(process.execPath, ['--require', REGISTER, file], { env: { SPOOR_DIR: join(directory, '.spoor') } });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(spans(join(directory, '.spoor')).map(({ name }) => name)).toEqual(['true']);
});
