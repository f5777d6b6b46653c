/** `agent-files.yaml`: the collector reads `.spoor/traces` itself; the programs know of no network. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spans, temporaryDirectory } from '../support/program.ts';
import { binary } from './installed.ts';
import { expectSpans, node, recording } from './programs.ts';
import { freeAddress, Server, temporaryFolder } from './server.ts';
import { CONFIG, startStack, type Stack } from './stack.ts';

const folder = temporaryFolder();
let stack: Stack;
let collector: Server | undefined;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => {
  await collector?.stop();
  await stack.stop();
  folder.remove();
});

test('every span of the files is in Jaeger once, also when the collector is killed and started again meanwhile', async () => {
  const address = await freeAddress();
  const of = recording(temporaryDirectory(), stack, 'files', { OTEL_EXPORTER_OTLP_ENDPOINT: undefined });
  const spawnTen = (): Promise<unknown> => node(of, ['-e', "for (let i = 0; i < 10; i++) require('node:child_process').spawnSync('true')"]);
  const env = {
    LISTEN: address,
    STORAGE: join(folder.path, 'storage'),
    TRACE_FILES: join(of.directory, 'traces/*/*.jsonl'),
    TRACES_ENDPOINT: `${new URL(stack.endpoint).hostname}:14317`,
  };
  await spawnTen();
  collector = new Server(await binary('otelcol-spoor'), ['agent.yaml', 'agent-files.yaml'].flatMap((file) => ['--config', join(CONFIG, file)]), { env, cwd: folder.path, ready: `http://${address}:13133/` });
  await collector.start();
  await spawnTen();
  await expectSpans(of, stack);
  await collector.stop('SIGKILL');
  await spawnTen();
  await collector.start();
  await expectSpans(of, stack, 60_000);
  expect(spans(of.directory)).toHaveLength(30);
});
