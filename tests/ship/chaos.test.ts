import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cleanEnvironment, REGISTER, ROOT, spans, temporaryDirectory } from '../support/program.ts';
import { backend, type Asked, type Backend } from './backend.ts';
import { left, shipHere } from './directory.ts';

const SECONDS = 6;

test('holders killed at random, others ending at random, a backend that comes and goes, refuses, and takes without an answer', async () => {
  const directory = temporaryDirectory();
  const taken = new Set<string>();
  let last = 0;
  let sink: Backend;
  const answer = (asked: Asked) => {
    const dice = Math.random();
    if (dice < 0.1) return { status: 503 };
    for (const [, id] of asked.text.matchAll(/"spanId":"(\w{16})","(?:parentSpanId|name|traceState)"/g)) if (asked.path === '/v1/traces') taken.add(id!);
    // It has taken it, and nobody hears of it.
    return dice < 0.2 ? ('drop' as const) : undefined;
  };
  sink = await backend(answer);
  const { port } = sink;
  const env = { ...cleanEnvironment(), SPOOR_DIR: directory, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_EXPORTER_OTLP_TIMEOUT: '800', OTEL_LOG_LEVEL: 'none', OTEL_METRIC_EXPORT_INTERVAL: '300', SPOOR_SHIP_INTERVAL: '100ms' };
  const running = new Set<ChildProcess>();
  onTestFinished(() => running.forEach((child) => child.kill('SIGKILL')));
  const total = (): number => sink.values.get('spoor.spawn.duration spawnSync true') ?? 0;

  const until = Date.now() + SECONDS * 1000;
  for (let round = 0; Date.now() < until; round++) {
    if (running.size < 3) {
      const child = spawn(process.execPath, ['--require', REGISTER, join(ROOT, 'tests/programs/spawns-for-a-while.cjs'), String(5 + round)], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      running.add(child.once('exit', () => running.delete(child)));
      if (Math.random() < 0.5) setTimeout(() => child.kill('SIGKILL'), Math.random() * 1_000);
    }
    if (round % 20 === 19) {
      last = Math.max(last, total());
      await sink.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
      sink = await backend(answer, { port });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  while (running.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  sink.answer = (asked) => {
    for (const [, id] of asked.text.matchAll(/"spanId":"(\w{16})","(?:parentSpanId|name|traceState)"/g)) if (asked.path === '/v1/traces') taken.add(id!);
    return undefined;
  };
  await shipHere(directory, sink.url);

  const written = spans(directory).map(({ spanId }) => spanId);
  expect(written.length).toBeGreaterThan(20);
  expect(written.filter((id) => !taken.has(id))).toEqual([]);
  expect(Math.max(last, total())).toBe(written.length);
  expect(left(directory)).toBe(0);
}, 60_000);
