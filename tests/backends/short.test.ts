/** Short processes, very many, however they end, and of several environments: all of it arrives, and the backend has no more series than it must. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spans, temporaryDirectory } from '../support/program.ts';
import { expectAgreement, expectSpans, node, recording, type Recording, ship } from './programs.ts';
import { startStack, type Stack } from './stack.ts';

const CHILDREN = 300;
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.stop());

test(`${CHILDREN} processes that end, exit and are killed`, async () => {
  const one = recording(temporaryDirectory(), stack, 'one');
  await node(one, ['tests/backends/programs/work.mjs', 'tree', '4', '4']);
  await ship(one);
  await expectAgreement(one, stack);

  const directory = temporaryDirectory();
  const many = recording(directory, stack, 'many');
  const { code, stderr } = await node(many, ['tests/backends/programs/work.mjs', 'tree', String(CHILDREN), '8']);
  expect(code, stderr).toBe(0);
  await ship(many);
  const rows = await expectAgreement(many, stack);
  expect(Object.fromEntries(Object.entries(rows).map(([name, { count, errors }]) => [name, { count, errors }]))).toEqual({
    'process false  ': { count: CHILDREN, errors: { exit_code: CHILDREN } },
    'process node  ': { count: CHILDREN, errors: { exit_code: CHILDREN / 4, 'signal:SIGKILL': CHILDREN / 2 } },
    'process true  ': { count: CHILDREN, errors: {} },
  });
  expect(new Set(spans(directory).map(({ resource }) => resource['service.instance.id'])).size).toBe(CHILDREN + 1);
  await expectSpans(many, stack);

  const series = async (service: string): Promise<readonly string[]> => {
    // Not those that Prometheus's own rules make of them.
    const found = await stack.prometheus.series(`{job="${service}",__name__!~"ALERTS.*|.*:.*"}`);
    return found.map((labels) => JSON.stringify(Object.entries(labels).filter(([name]) => name !== 'job' && name !== 'instance').sort())).sort();
  };
  expect(await series('many')).toEqual(await series('one'));
});

test('two environments of a service in one directory: each has its own numbers', async () => {
  const directory = temporaryDirectory();
  const shop = (environment: string): Recording => recording(directory, stack, 'shop', { OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${environment}` });
  for (const [environment, spawns] of [['staging', '10'], ['production', '5'], ['staging', '1']] as const) await node(shop(environment), ['tests/backends/programs/failing.mjs', '0', spawns]);
  await ship(shop('production'));
  await expectAgreement(shop('staging'), stack);
  const samples = await stack.prometheus.query('sum by (deployment_environment_name) (last_over_time(spoor_spawn_duration_seconds{job="shop"}[1h]))');
  expect(Object.fromEntries(samples.map(({ labels, histogram }) => [labels.deployment_environment_name, histogram!.count]))).toEqual({ staging: 11, production: 5 });
});
