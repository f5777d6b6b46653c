import { expect, test } from 'vitest';
import { REGISTER, run, spans, temporaryDirectory } from '../support/program.ts';
import { app, program } from './fixture.ts';

const HTTP = `
const http = require('node:http');
const server = http.createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, host: '127.0.0.1' }, (response) => response.resume().on('end', () => server.close()));
});
`;

test('SPOOR_INSTRUMENTATIONS=all records what the app’s instrumentation package sees', async () => {
  const folder = await app('sdk-2');
  const directory = temporaryDirectory();
  const env = { SPOOR_DIR: directory, SPOOR_INSTRUMENTATIONS: 'all', OTEL_LOG_LEVEL: 'info' };
  const { code, stderr } = await run(process.execPath, ['--require', REGISTER, program(folder, 'app.cjs', HTTP)], { cwd: folder, env });
  expect(code, stderr).toBe(0);
  const http = spans(directory).filter((span) => span.scope === '@opentelemetry/instrumentation-http');
  expect(http.map((span) => span.kind).sort()).toEqual([2, 3]);
  const [client, server] = [http.find((span) => span.kind === 3)!, http.find((span) => span.kind === 2)!];
  expect(server.parentSpanId).toBe(client.spanId);
  expect(stderr).toMatch(/^spoor: recording to .*; instrumenting child_process, worker_threads, @opentelemetry\/auto-instrumentations-node; spans made through/m);
});

test('where there is no such package, the log says so and the rest goes on', async () => {
  const folder = temporaryDirectory();
  const env = { SPOOR_DIR: folder, SPOOR_INSTRUMENTATIONS: 'all', OTEL_LOG_LEVEL: 'info' };
  const { code, stderr } = await run(process.execPath, ['--require', REGISTER, '-e', `child_process.execFileSync('true')`], { cwd: folder, env });
  expect(code).toBe(0);
  expect(stderr).toContain('@opentelemetry/auto-instrumentations-node is not installed here');
  expect(spans(folder)).toHaveLength(1);
});
