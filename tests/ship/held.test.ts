/** A request of which nobody knows whether it arrived, and what was counted after it: both are sent. */
import { expect, test } from 'vitest';
import { CLI, run, runRegistered, temporaryDirectory } from '../support/program.ts';
import { backend } from './backend.ts';

test('what came after it is not left behind', async () => {
  const directory = temporaryDirectory();
  const well = await backend(({ path }) => (path === '/v1/metrics' ? 'drop' : undefined));
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: well.url };
  const program = ['-e', "require('node:child_process').spawnSync('true')"];
  await runRegistered(directory, program, { env: endpoint });
  expect(well.asked.some(({ path }) => path === '/v1/metrics')).toBe(true);
  await runRegistered(directory, program);
  well.answer = () => undefined;
  const { code, stderr } = await run(process.execPath, [CLI, 'ship', '--dir', directory], { env: endpoint });
  expect(code, stderr).toBe(0);
  expect(well.values.get('spoor.spawn.duration spawnSync true') ?? well.values.get('spoor.spawn.duration true spawnSync')).toBe(2);
  expect(well.outOfOrder).toEqual([]);
});
