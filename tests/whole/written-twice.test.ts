/** An SDK of the app's own that writes spans to files, in a process that is preloaded too: each operation counts once. */
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backend } from '../ship/backend.ts';
import { CLI, ROOT, run, spans, temporaryDirectory } from '../support/program.ts';

const cli = async (...args: string[]): Promise<any> => JSON.parse((await run(process.execPath, [CLI, ...args])).stdout);

test('to the same directory: it leaves them to the runtime', async () => {
  const directory = temporaryDirectory();
  // As people have it: the end may have a slash.
  const { code, stderr } = await run(process.execPath, [CLI, 'run', '--json', '--', process.execPath, 'examples/own-sdk.js'], { cwd: ROOT, env: { SPOOR_DIR: `${directory}/` } });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stderr)).toMatchObject({ exit_code: 0, failures: 0 });
  const written = spans(directory);
  expect(written.map(({ name, scope }) => [scope, name]).sort()).toEqual([['example', 'release'], ['spoor', 'node'], ['spoor', 'node']]);
  expect(new Set(written.map(({ spanId }) => spanId)).size).toBe(3);
  expect(await cli('report', '--json', '--dir', directory)).toMatchObject({ spawns: [{ executable: 'node', count: 2 }], counted_from_traces: 0 });
});

test('where both write all the same (here it does not know its directory by that name): readers count what the runtime has counted, once', async () => {
  const directory = temporaryDirectory();
  const alias = join(temporaryDirectory(), 'alias');
  symlinkSync(directory, alias);
  const program = `import { execFileSync } from 'node:child_process';
    import { resourceFromAttributes } from '@opentelemetry/resources';
    import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
    import { ChildProcessInstrumentation } from 'spoor';
    import { OtlpFileSpanProcessor } from 'spoor/exporters/otlp-file';
    const resource = resourceFromAttributes({ 'service.instance.id': 'its own', 'host.name': 'here', 'process.pid': process.pid });
    const provider = new NodeTracerProvider({ resource, spanProcessors: [new OtlpFileSpanProcessor({ directory: ${JSON.stringify(alias)} })] });
    new ChildProcessInstrumentation().setTracerProvider(provider);
    execFileSync('true');`;
  const { code, stderr } = await run(process.execPath, [CLI, 'run', '--json', '--dir', directory, '--', process.execPath, '--input-type=module', '-e', program], { cwd: ROOT });
  expect(code, stderr).toBe(0);
  expect(spans(directory).map(({ name }) => name)).toEqual(['true', 'true', 'node']);
  expect(JSON.parse(stderr)).toMatchObject({ spawns: 1, failures: 0 });

  const { spawns, counted_from_traces: fromTraces } = await cli('report', '--json', '--dir', directory);
  expect([spawns.map(({ executable, count }: any) => [executable, count]).sort(), fromTraces]).toEqual([[['node', 1], ['true', 1]], 0]);
  const exported = temporaryDirectory();
  await run(process.execPath, [CLI, 'export', '--from', 'rollups', '--to', `dir:${exported}`, '--dir', directory]);
  const rows = JSON.parse(readFileSync(join(exported, 'spoor-rollups.json'), 'utf8'));
  expect(rows.filter(({ metric }: any) => metric === 'spoor.spawn.duration').map(({ count }: any) => count)).toEqual([1, 1]);
  const sink = await backend();
  const sent = await run(process.execPath, [CLI, 'ship', '--dir', directory], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url } });
  expect(sent.code, sent.stderr).toBe(0);
  expect(sink.values.get('spoor.spawn.duration execFileSync true')).toBe(1);
});
