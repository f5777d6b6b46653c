/** An ordinary HTTP app with OpenTelemetry's auto-instrumentations, and spoor beside it: one trace, from the request to the children. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { app, program } from '../guest/fixture.ts';
import { cleanEnvironment, REGISTER, temporaryDirectory } from '../support/program.ts';
import { recording, ship } from './programs.ts';
import { eventually } from './server.ts';
import { startStack, type Stack } from './stack.ts';

const APP = `
const http = require('node:http');
const { execFile } = require('node:child_process');
const CHILD = "require('node:child_process').execFileSync('true')";
const server = http.createServer((request, response) => {
  execFile(process.execPath, ['-e', CHILD], (error) => response.end(error ? String(error) : 'made\\n'));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => server.close(() => server.closeAllConnections())).resume();
`;

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.stop());

test('one trace from the request to the children, no span twice', async () => {
  const folder = await app('sdk-2');
  const shop = recording(temporaryDirectory(), stack, 'shop', { OTEL_LOGS_EXPORTER: 'none', OTEL_NODE_RESOURCE_DETECTORS: 'env' });
  const args = ['--require', '@opentelemetry/auto-instrumentations-node/register', '--require', REGISTER, program(folder, 'app.cjs', APP)];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...cleanEnvironment(), ...shop.env }, stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const answer = await fetch(`http://127.0.0.1:${port.trim()}/order`, { headers: { connection: 'close' } });
  expect(await answer.text()).toBe('made\n');
  child.stdin.end();
  await once(child, 'exit');
  await ship(shop);

  const find = async () => (await stack.jaeger.find('shop', { 'url.path': '/order' }))[0] ?? [];
  const trace = await eventually(find, (spans) => ['node', 'true'].every((name) => spans.some((span) => span.name === name)));
  const named = (name: string) => trace.filter((span) => span.name === name);
  const [request, node, inner] = [named('GET'), named('node'), named('true')];
  expect([request, node, inner].map((list) => list.length), JSON.stringify(trace)).toEqual([1, 1, 1]);
  expect(request[0]!.tags['span.kind']).toBe('server');
  expect(request[0]!.parentSpanId).toBeUndefined();
  expect(node[0]!.parentSpanId).toBe(request[0]!.spanId);
  expect(inner[0]!.parentSpanId).toBe(node[0]!.spanId);
  expect(new Set(trace.map(({ spanId }) => spanId)).size).toBe(trace.length);
});
