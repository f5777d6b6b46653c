/** Apps with copies of the OpenTelemetry API that are of other versions than ours, or that we never see. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { REGISTER, type Result, run, spans, temporaryDirectory } from '../support/program.ts';
import { app, node24, program } from './fixture.ts';

let binaries: readonly string[];
beforeAll(async () => {
  binaries = [process.execPath, await node24()];
});

const preloaded = (binary: string, file: string, directory: string, env: NodeJS.ProcessEnv = {}): Promise<Result> => run(binary, ['--require', REGISTER, file], { env: { SPOOR_DIR: directory, ...env } });

test('an SDK in a bundle registers, where a dependency outside it has the API in another version', async () => {
  const folder = await app('api-1.9.0');
  const outside = join(await app('sdk-2'), 'node_modules/@opentelemetry/api/build/src/index.js');
  const source = `require(${JSON.stringify(outside)});
    const { trace } = require('@opentelemetry/api');
    const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
    const { execFileSync } = require('node:child_process');
    new NodeTracerProvider().register();
    trace.getTracer('app').startActiveSpan('A', (span) => { execFileSync('true'); console.log(span.isRecording(), span.spanContext().spanId); span.end(); });`;
  const file = program(folder, 'app.cjs', source);
  const bundle = join(file, '../bundle.cjs');
  await build({ entryPoints: [file], outfile: bundle, bundle: true, platform: 'node', external: [outside], logLevel: 'error' });
  for (const binary of binaries) {
    const directory = temporaryDirectory();
    const { stdout, stderr } = await preloaded(binary, bundle, directory);
    const [records, id] = stdout.trim().split(' ');
    expect([records, stderr]).toEqual(['true', '']);
    expect(spans(directory)).toMatchObject([{ name: 'true', parentSpanId: id }]);
  }
});

test('an SDK 1.x, on an older API: ours are below its active span', async () => {
  const folder = await app('api-1.8');
  const file = program(
    folder,
    'app.cjs',
    `const { trace } = require('@opentelemetry/api');
     const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
     new NodeTracerProvider().register();
     trace.getTracer('t').startActiveSpan('A', (a) => { require('node:child_process').execFileSync('true'); console.log(a.spanContext().spanId); a.end(); });`,
  );
  for (const binary of binaries) {
    const directory = temporaryDirectory();
    const { stdout } = await preloaded(binary, file, directory);
    expect(spans(directory)).toMatchObject([{ name: 'true', parentSpanId: stdout.trim() }]);
  }
});

describe('what the app sets of the API', () => {
  test.each([[0], [1]])('its logger hears nothing of us, and one that throws does not stop us: %i spawns before it', async (before) => {
    const file = program(
      await app('sdk-2'),
      'app.cjs',
      `const { diag, DiagConsoleLogger, DiagLogLevel } = require('@opentelemetry/api');
       const { execFileSync } = require('node:child_process');
       diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ALL);
       for (let i = 0; i < ${before}; i++) execFileSync('true');
       let throws = false;
       diag.setLogger(new Proxy({}, { get: () => () => { if (throws) throw new Error('the logger'); } }), { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
       throws = true;
       execFileSync('true');`,
    );
    const directory = temporaryDirectory();
    const { stdout, stderr } = await preloaded(process.execPath, file, directory, { OTEL_SPAN_EVENT_COUNT_LIMIT: '7' });
    expect([stdout.split('\n').filter((line) => !line.includes('@opentelemetry/api: Registered a global for diag')), stderr]).toEqual([[''], '']);
    expect(spans(directory)).toHaveLength(before + 1);
  });

  test('OTEL_PROPAGATORS=none: what the app propagates carries nothing, but children continue the trace', async () => {
    const file = program(
      await app('sdk-2'),
      'app.cjs',
      `const { context, propagation, trace } = require('@opentelemetry/api');
       const { execFileSync } = require('node:child_process');
       trace.getTracer('t').startActiveSpan('A', (a) => {
         const carrier = {};
         propagation.inject(context.active(), carrier);
         console.log(JSON.stringify([carrier, propagation.fields()]), execFileSync('sh', ['-c', 'echo $TRACEPARENT'], { encoding: 'utf8' }).split('-')[1] === a.spanContext().traceId);
         a.end();
       });`,
    );
    const said = async (OTEL_PROPAGATORS: string): Promise<string[]> => {
      const { stdout, stderr } = await preloaded(process.execPath, file, temporaryDirectory(), { OTEL_PROPAGATORS });
      return [stdout.trim().replaceAll(/[0-9a-f]{16,32}/g, '…'), stderr.trim()];
    };
    expect(await said('none')).toEqual(['[{},[]] true', '']);
    expect(await said('tracecontext,baggage')).toEqual(['[{"traceparent":"00-…-…-01"},["traceparent","tracestate","baggage"]] true', '']);
    expect(await said('b3')).toEqual([expect.stringContaining('traceparent'), expect.stringContaining(`OTEL_PROPAGATORS: "b3" is not tracecontext,baggage or none`)]);
  });
});

test('no bundle has what the API would register, or log, with', () => {
  expect(readFileSync(join(REGISTER, '../runtime.cjs'), 'utf8')).not.toMatch(/duplicate registration|DiagComponentLogger/);
});
