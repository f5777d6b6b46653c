/**
 * Measures what docs/scale.md computes with on the other side of the network: processor time and memory of the
 * collector and of Jaeger for spans, and of Prometheus for series, with `collector-config/` as it is.
 *
 *   npm run build && npm run scale:backends      about 2 minutes, and once the time to build them
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { markdownTable } from 'markdown-table';
import { parse, stringify } from 'yaml';
import { backends } from './backends.js';

const CONFIG = fileURLToPath(new URL('../collector-config/', import.meta.url));
const HOST = '127.83.67.65';
const GATEWAY = '127.83.67.66';
const SPANS = 100_000;
const A_REQUEST = 500;
const SERIES = 2000;
const POINTS = 240;

const binaries = await backends(console.error);
const work = mkdtempSync(join(tmpdir(), 'spoor-scale-'));
const running = [];

async function start(name, args, ready, env = {}) {
  const child = spawn(binaries[name], args, { cwd: work, stdio: 'ignore', env: { ...process.env, LISTEN: HOST, ...env } });
  running.push(child);
  for (let tries = 0; !(await fetch(ready).then(({ ok }) => ok, () => false)); tries++) {
    if (child.exitCode !== null || tries > 300) throw new Error(`${name} does not start`);
    await wait(100);
  }
  return child.pid;
}

/** Seconds of processor time, and bytes resident. */
function used(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024 };
}

async function post(url, body) {
  for (;;) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (response.ok) return void (await response.text());
    if (response.status !== 503 && response.status !== 429) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    await wait(200);
  }
}

/** A span as spoor writes one of a command; ids are random, as they are. */
function spanLine(at, parentSpanId) {
  const attributes = { 'spoor.spawn.kind': 'execFile', 'process.executable.name': 'git', 'spoor.spawn.argument_count': 3, 'process.pid': 4711, 'process.exit.code': 0, 'spoor.correlation.id': randomBytes(16).toString('hex'), 'spoor.sequence': at };
  const list = Object.entries(attributes).map(([key, value]) => ({ key, value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) } }));
  const start = BigInt(Date.now()) * 1_000_000n;
  const span = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), parentSpanId, name: 'git', kind: 3, startTimeUnixNano: String(start), endTimeUnixNano: String(start + 5_000_000n), attributes: list, status: {} };
  const resource = { 'service.name': 'scale', 'service.instance.id': 'a', 'process.pid': '1', 'host.name': 'host', 'telemetry.sdk.name': 'opentelemetry', 'telemetry.sdk.language': 'nodejs' };
  return { resource: { attributes: Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } })) }, scopeSpans: [{ scope: { name: 'spoor' }, spans: [span] }] };
}

function points(time) {
  const dataPoints = Array.from({ length: SERIES }, (_, at) => {
    const count = Math.round((time - begun) / 1000) + at;
    return { attributes: [{ key: 'process.executable.name', value: { stringValue: `tool-${at}` } }], startTimeUnixNano: `${begun - 1000}000000`, timeUnixNano: `${time}000000`, count, sum: count * 0.05, scale: 5, zeroCount: 0, positive: { offset: -160, bucketCounts: Array.from({ length: 20 }, (__, bucket) => Math.floor(count / 20) + (bucket < count % 20 ? 1 : 0)) } };
  });
  return JSON.stringify({ resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'scale' } }] }, scopeMetrics: [{ scope: { name: 'spoor' }, metrics: [{ name: 'spoor.spawn.duration', unit: 's', exponentialHistogram: { aggregationTemporality: 2, dataPoints } }] }] }] });
}

const folderSize = (folder) => readdirSync(folder, { recursive: true }).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
const begun = Date.now() - POINTS * 15_000;
try {
  const jaeger = await start('jaeger', ['--config', `${CONFIG}jaeger/jaeger.yaml`], `http://${HOST}:13134/status`);
  const collector = await start('otelcol-spoor', ['--config', `${CONFIG}agent.yaml`], `http://${HOST}:13133/`, { STORAGE: join(work, 'queue'), TRACES_ENDPOINT: `${HOST}:14317`, METRICS_ENDPOINT: `http://${HOST}:9090/api/v1/otlp` });
  writeFileSync(join(work, 'prometheus.yml'), 'storage: { tsdb: { out_of_order_time_window: 2h } }\n');
  const prometheus = await start('prometheus', [`--config.file=${join(work, 'prometheus.yml')}`, `--storage.tsdb.path=${join(work, 'data')}`, '--web.enable-otlp-receiver', '--web.enable-admin-api', `--web.listen-address=${HOST}:9090`], `http://${HOST}:9090/-/ready`);

  const idle = { jaeger: used(jaeger), collector: used(collector), prometheus: used(prometheus) };
  const started = performance.now();
  for (let sent = 0; sent < SPANS; sent += A_REQUEST) await post(`http://${HOST}:4318/v1/traces`, JSON.stringify({ resourceSpans: Array.from({ length: A_REQUEST }, (_, at) => spanLine(sent + at)) }));
  const rate = SPANS / ((performance.now() - started) / 1000);
  // Until the queue is empty.
  for (let size = 1; size > 0; await wait(200)) size = Number(/^otelcol_exporter_queue_size\S* (\S+)/m.exec(await (await fetch(`http://${HOST}:8888/metrics`)).text())[1]);
  await wait(2000);
  const after = { jaeger: used(jaeger), collector: used(collector) };

  // What tail sampling holds: traces whose root does not come.
  const tail = join(work, 'tail.yaml');
  const { tail_sampling } = parse(readFileSync(`${CONFIG}gateway.yaml`, 'utf8')).processors;
  writeFileSync(tail, stringify({ processors: { tail_sampling, memory_limiter: { limit_mib: 4000 } }, service: { pipelines: { traces: { processors: ['memory_limiter', 'tail_sampling'] } } } }));
  const gateway = await start('otelcol-spoor', ['--config', `${CONFIG}agent.yaml`, '--config', tail], `http://${GATEWAY}:13133/`, { LISTEN: GATEWAY, STORAGE: join(work, 'gateway') });
  const empty = used(gateway);
  for (let sent = 0; sent < SPANS; sent += A_REQUEST) await post(`http://${GATEWAY}:4318/v1/traces`, JSON.stringify({ resourceSpans: Array.from({ length: A_REQUEST }, (_, at) => spanLine(sent + at, 'aaaaaaaaaaaaaaaa')) }));
  const holding = used(gateway);

  const before = used(prometheus);
  for (let at = 0; at < POINTS; at++) await post(`http://${HOST}:9090/api/v1/otlp/v1/metrics`, points(begun + at * 15_000));
  const full = used(prometheus);
  // Blocks, as they are kept.
  await post(`http://${HOST}:9090/api/v1/admin/tsdb/snapshot`, '');
  const samples = SERIES * POINTS;
  const perSpan = (name) => [((after[name].cpu - idle[name].cpu) / SPANS) * 1e6, (after[name].memory - idle[name].memory) / SPANS];
  const rows = [
    ['collector, agent.yaml', `a span (${SPANS} of them, taken at ${Math.round(rate)} a second)`, `${perSpan('collector')[0].toFixed(0)} µs`, `${Math.round(after.collector.memory / 1e6)} MB in all`, '–'],
    ['gateway.yaml, tail sampling', 'a span that waits', `${(((holding.cpu - empty.cpu) / SPANS) * 1e6).toFixed(0)} µs`, `${((holding.memory - empty.memory) / SPANS / 1000).toFixed(1)} KB`, '–'],
    ['Jaeger, in memory', 'a span', `${perSpan('jaeger')[0].toFixed(0)} µs`, `${(perSpan('jaeger')[1] / 1000).toFixed(1)} KB`, '–'],
    ['Prometheus', `a point of a histogram (${SERIES} series, ${POINTS} points, 20 buckets)`, `${(((full.cpu - before.cpu) / samples) * 1e6).toFixed(0)} µs`, `${((full.memory - before.memory) / SERIES / 1000).toFixed(1)} KB a series`, `${(folderSize(join(work, 'data', 'snapshots')) / samples).toFixed(1)} B`],
  ];
  console.log(markdownTable([['what', 'for', 'processor time', 'memory', 'disk'], ...rows], { alignDelimiters: false }));
} finally {
  for (const child of running) child.kill('SIGKILL');
  await wait(500);
  rmSync(work, { recursive: true, force: true });
}
