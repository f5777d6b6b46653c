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

test('a try that may have arrived, and one that certainly did not: no value falls', async () => {
  const directory = temporaryDirectory();
  const requests: string[] = [];
  let closed: Promise<void> | undefined;
  const first = await backend(({ path, text }) => {
    if (path !== '/v1/metrics') return undefined;
    // It is taken, but nobody hears of it; the next try finds nobody.
    requests.push(text);
    closed ??= first.close();
    return 'drop';
  });
  // What is sent after a pause begins one interval before.
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: first.url, OTEL_METRIC_EXPORT_INTERVAL: '100' };
  const program = ['-e', "require('node:child_process').spawnSync('true')"];
  await runRegistered(directory, program);
  await run(process.execPath, [CLI, 'ship', '--dir', directory], { env: endpoint });
  await closed;
  expect(requests).toHaveLength(1);
  const second = await backend(({ path, text }) => void (path === '/v1/metrics' && requests.push(text)), { port: first.port });
  await runRegistered(directory, program);
  const { code, stderr } = await run(process.execPath, [CLI, 'ship', '--dir', directory], { env: endpoint });
  expect(code, stderr).toBe(0);
  const points = requests
    .flatMap((text) => JSON.parse(text).resourceMetrics)
    .flatMap(({ scopeMetrics }: any) => scopeMetrics)
    .flatMap(({ metrics }: any) => metrics)
    .filter(({ name }: any) => name === 'spoor.spawn.duration')
    .flatMap((metric: any) => metric.exponentialHistogram.dataPoints);
  const values = new Map<string, number>(points.map(({ timeUnixNano, count }: any) => [timeUnixNano, count]));
  const inTime = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
  expect(inTime).toEqual(inTime.toSorted((a, b) => a - b));
  expect(inTime.at(-1)).toBe(2);
  await second.close();
});
