/** The fleet's tiers as they are configured, on loopback: agent → load balancer → gateway, by TLS and with a token. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spans, temporaryDirectory } from '../support/program.ts';
import { binary } from './installed.ts';
import { node, recording, ship, type Recording } from './programs.ts';
import { eventually, freeAddress, Server, temporaryFolder } from './server.ts';
import { CONFIG, startStack, type Stack } from './stack.ts';

const folder = temporaryFolder();
const servers: Server[] = [];
let stack: Stack;
/** Where each of them listens. */
let at: { readonly gateway: string; readonly balancer: string; readonly agent: string };

/** A collector of the fleet, on an address of its own; `changes` as `a::b: value`. */
async function collector(address: string, files: readonly string[], env: NodeJS.ProcessEnv, changes: readonly string[] = []): Promise<Server> {
  const args = [...files.map((file) => join(CONFIG, file)), ...changes.map((change) => `yaml:${change}`)].flatMap((config) => ['--config', config]);
  const tls = { CERT_FILE: join(folder.path, 'tls.crt'), KEY_FILE: join(folder.path, 'tls.key'), CA_FILE: join(folder.path, 'tls.crt'), TOKEN_FILE: join(folder.path, 'token') };
  const server = new Server(await binary('otelcol-spoor'), args, { env: { ...tls, LISTEN: address, STORAGE: join(folder.path, address), ...env }, cwd: folder.path, ready: `http://${address}:13133/` });
  servers.push(server);
  return server.start();
}

/** They listen on all addresses, which a fleet's hosts have of their own. */
const listening = (address: string, protocols: readonly string[]): string[] => [
  `extensions::health_check::endpoint: ${address}:13133`,
  ...protocols.map((protocol) => `receivers::otlp::protocols::${protocol}::endpoint: ${address}:${protocol === 'grpc' ? 4317 : 4318}`),
  `service::telemetry::metrics::readers: [{ pull: { exporter: { prometheus: { host: ${address}, port: 8888 } } } }]`,
];

beforeAll(async () => {
  stack = await startStack();
  mkdirSync(folder.path, { recursive: true });
  writeFileSync(join(folder.path, 'token'), 'a-token-of-the-fleet');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=gateway.test', '-addext', 'subjectAltName=DNS:gateway.test', '-keyout', 'tls.key', '-out', 'tls.crt'], { cwd: folder.path, stdio: 'pipe' });
  at = { gateway: await freeAddress(), balancer: await freeAddress(), agent: await freeAddress() };
  const { gateway, balancer, agent } = at;
  const host = new URL(stack.endpoint).hostname;
  // Nothing but what the policies name is kept, and the root is all there is to wait for.
  await collector(gateway, ['gateway.yaml'], { TRACES_ENDPOINT: `${host}:14317`, METRICS_ENDPOINT: `http://${host}:9090/api/v1/otlp`, KEEP_PERCENT: '0' }, [
    ...listening(gateway, ['grpc', 'http']),
    'processors::tail_sampling::decision_wait_after_root_received: 1s',
  ]);
  await collector(balancer, ['loadbalancer.yaml'], { GATEWAYS: gateway, GATEWAY_NAME: 'gateway.test' }, listening(balancer, ['grpc']));
  // The certificate has a name, and these addresses have none.
  const named = ['otlp_grpc', 'otlp_http'].map((exporter) => `exporters::${exporter}::tls::server_name_override: gateway.test`);
  await collector(agent, ['agent.yaml', 'agent-fleet.yaml'], { TRACES_ENDPOINT: `${balancer}:4317`, METRICS_ENDPOINT: `https://${gateway}:4318` }, named);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await stack.stop();
  folder.remove();
});

/** 20 spawns of a command. */
async function recorded(service: string, command: string): Promise<Recording> {
  const of = recording(temporaryDirectory(), stack, service, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${at.agent}:4318` });
  const { code, stderr } = await node(of, ['-e', `for (let i = 0; i < 20; i++) require('node:child_process').spawnSync('${command}')`]);
  expect(code, stderr).toBe(0);
  await ship(of);
  return of;
}

test('the gateway keeps the traces that failed, whole; the numbers of all of them arrive', async () => {
  const good = await recorded('good', 'true');
  const bad = await recorded('bad', 'false');
  for (const { service } of [good, bad]) {
    const samples = await eventually(() => stack.prometheus.query(`sum (histogram_count(last_over_time(spoor_spawn_duration_seconds{job="${service}"}[1h])))`), ([sample]) => sample?.value === 20);
    expect(samples.map(({ value }) => value)).toEqual([20]);
  }
  const traces = new Set(spans(bad.directory).map(({ traceId }) => traceId));
  const kept = await eventually(async () => (await Promise.all([...traces].map((id) => stack.jaeger.trace(id)))).flatMap((found) => found ?? []), (list) => list.length === 20, 60_000);
  expect(kept.map(({ spanId }) => spanId).sort()).toEqual(spans(bad.directory).map(({ spanId }) => spanId).sort());
  // They came before the others, so that they would be there by now.
  for (const id of new Set(spans(good.directory).map(({ traceId }) => traceId))) expect(await stack.jaeger.trace(id)).toBeUndefined();
});

test('without the token nothing is taken', async () => {
  const intruder = await freeAddress();
  writeFileSync(join(folder.path, 'wrong'), 'not-the-token');
  await collector(intruder, ['agent.yaml', 'agent-fleet.yaml'], { TRACES_ENDPOINT: `${at.balancer}:4317`, METRICS_ENDPOINT: `https://${at.gateway}:4318`, TOKEN_FILE: join(folder.path, 'wrong') }, ['exporters::otlp_http::tls::server_name_override: gateway.test']);
  const response = await fetch(`http://${intruder}:4318/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: {}, metrics: [{ name: 'x', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: '1' }] } }] }] }] }) });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(await response.text()).toContain('401');
});
