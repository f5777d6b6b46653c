/** Every configuration, checked by the program that it is for. What needs no binary is in tests/collector-config. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { COLLECTORS } from '../collector-config/files.ts';
import { run } from '../support/program.ts';
import { binary, type Binary } from './installed.ts';
import { CONFIG } from './stack.ts';

async function checked(name: Binary, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await run(await binary(name), args, { cwd: CONFIG, env });
  expect(code, `${stdout}${stderr}`).toBe(0);
  return stdout + stderr;
}

test.each(COLLECTORS.map((files) => ({ files: files.join(' + ') })))('collector: $files', async ({ files }) => {
  const storage = mkdtempSync(join(tmpdir(), 'spoor-collector-'));
  onTestFinished(() => rmSync(storage, { recursive: true, force: true }));
  await checked('otelcol-spoor', ['validate', ...files.split(' + ').flatMap((name) => ['--config', name])], { STORAGE: storage, KAFKA_PASSWORD: 'x' });
});

test('a collector configuration with a mistake is refused', async () => {
  const { code, stderr } = await run(await binary('otelcol-spoor'), ['validate', '--config', 'agent.yaml', '--config', 'yaml:exporters::otlp_grpc::sending_queue::siezr: bytes'], { cwd: CONFIG });
  expect(code).not.toBe(0);
  expect(stderr).toContain('siezr');
});

test('Jaeger', async () => {
  await checked('jaeger', ['validate', '--config', 'jaeger/jaeger.yaml']);
});

test('Prometheus: configuration and rules', async () => {
  const said = await checked('promtool', ['check', 'config', '--lint=all', '--lint-fatal', 'prometheus/prometheus.yml']);
  for (const name of readdirSync(join(CONFIG, 'prometheus/rules'))) expect(said).toContain(name);
});

test("Prometheus: the rules' own tests", async () => {
  const names = readdirSync(join(CONFIG, 'prometheus/tests')).filter((name) => name.endsWith('.test.yml'));
  expect(names.length).toBeGreaterThan(0);
  await checked('promtool', ['test', 'rules', ...names.map((name) => `prometheus/tests/${name}`)]);
});

test('Alertmanager', async () => {
  await checked('amtool', ['check-config', 'alertmanager/alertmanager.yml']);
  const said = await checked('amtool', ['config', 'routes', 'test', '--config.file=alertmanager/alertmanager.yml', '--verify.receivers=page', 'severity=page', 'alertname=SpoorSpawnFailuresFast']);
  expect(said).toContain('page');
});
