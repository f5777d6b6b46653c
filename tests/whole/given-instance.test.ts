/** A deployment gives all of its processes one `service.instance.id`: each is counted for itself all the same. */
import { expect, test } from 'vitest';
import { compact } from '../../exporters/compact.ts';
import { hourFiles } from '../../src/store/layout.ts';
import { backend } from '../ship/backend.ts';
import { CLI, ROOT, lines, run, runRegistered, spans, temporaryDirectory } from '../support/program.ts';

const GIVEN = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod-1' };
const SPAWNS = `const { execFileSync } = require('node:child_process');
const [count, end] = process.argv.slice(1);
for (let i = 0; i < Number(count); i++) execFileSync('true');
if (end) process.kill(process.pid, end);`;

async function spawnReport(directory: string): Promise<any[]> {
  return JSON.parse((await run(process.execPath, [CLI, 'report', '--json', '--dir', directory])).stdout).spawns;
}

test('what one that was killed left is added to the numbers of another, in reports, after compaction, and where it is sent', async () => {
  const directory = temporaryDirectory();
  await runRegistered(directory, ['-e', SPAWNS, '2'], { env: GIVEN });
  expect((await runRegistered(directory, ['-e', SPAWNS, '5', 'SIGKILL'], { env: GIVEN })).signal).toBe('SIGKILL');
  expect(await spawnReport(directory)).toMatchObject([{ executable: 'true', count: 7 }]);

  const sink = await backend();
  const sent = await run(process.execPath, [CLI, 'ship', '--dir', directory], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url } });
  expect(sent.code, sent.stderr).toBe(0);
  expect(sink.values.get('spoor.spawn.duration execFileSync true')).toBe(7);
  const numbers = sink.asked.filter(({ path }) => path.endsWith('/metrics')).map(({ text }) => text).join();
  expect(numbers).toContain('spoor.spawn.duration');
  expect(numbers).not.toContain('spoor.runtime.id');

  for (const { path } of hourFiles(directory, 'rollups')) expect(compact(path).done).toBe(true);
  expect(await spawnReport(directory)).toMatchObject([{ executable: 'true', count: 7 }]);
});

test('what one runs goes on when another has ended', async () => {
  const directory = temporaryDirectory();
  const program = `const { execFileSync, spawn } = require('node:child_process');
    const child = spawn('sleep', ['60']);
    execFileSync(process.execPath, ['-e', ${JSON.stringify(SPAWNS)}, '1']);
    process.stdout.write(execFileSync(process.execPath, [${JSON.stringify(CLI)}, 'report', '--json']));
    child.kill();`;
  const { stdout } = await runRegistered(directory, ['-e', program], { env: GIVEN });
  expect(JSON.parse(stdout).spawns.find(({ executable }: any) => executable === 'sleep')).toMatchObject({ running: 1, abandoned: 0 });
});

test('the operations in the traces of an SDK that has the same environment are written', async () => {
  const directory = temporaryDirectory();
  const program = `import { execFileSync } from 'node:child_process';
    import { detectResources, envDetector } from '@opentelemetry/resources';
    import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
    import { ChildProcessInstrumentation } from 'spoor';
    const provider = new NodeTracerProvider({ resource: detectResources({ detectors: [envDetector] }) });
    new ChildProcessInstrumentation().setTracerProvider(provider);
    execFileSync('true');`;
  const { code, stderr } = await runRegistered(directory, ['--input-type=module', '-e', program], { cwd: ROOT, env: GIVEN });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(spans(directory).map(({ name }) => name)).toEqual(['true']);
});

test('the lines of a process that is given none are no longer for it', async () => {
  const directory = temporaryDirectory();
  await runRegistered(directory, ['-e', SPAWNS, '1']);
  expect(JSON.stringify([lines(directory, 'traces'), lines(directory, 'starts'), lines(directory, 'rollups')])).not.toContain('spoor.runtime.id');
  expect(spans(directory)[0]!.resource['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
});
