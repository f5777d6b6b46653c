/**
 * The stack of `collector-config/`, as it is there: collector (agent.yaml), Jaeger, Prometheus with the rules,
 * Alertmanager. Only host names, which are compose's, are replaced by the address.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../support/program.ts';
import { binary } from './installed.ts';
import { Jaeger } from './jaeger.ts';
import { Prometheus } from './prometheus.ts';
import { freeAddress, Server, temporaryFolder } from './server.ts';

export const CONFIG = join(ROOT, 'collector-config');

export interface Stack {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  readonly collector: Server;
  readonly jaeger: Jaeger;
  readonly prometheus: Prometheus;
  /** What Alertmanager has sent, one entry an alert, the oldest first. */
  readonly notifications: readonly Notification[];
  stop(): Promise<void>;
}

export interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface StackOptions {
  /** Starts Alertmanager too, with a receiver for its notifications. */
  readonly alerts?: boolean;
  /** Pattern of trace files that the collector reads itself (agent-files.yaml). */
  readonly traceFiles?: string;
}

export async function startStack({ alerts = false, traceFiles }: StackOptions = {}): Promise<Stack> {
  const address = await freeAddress();
  const folder = temporaryFolder();
  const notifications: Notification[] = [];
  const receiver = createServer((request, response) => {
    void received(request).then((list) => notifications.push(...list)).finally(() => response.end());
  });
  const jaeger = new Server(await binary('jaeger'), ['--config', join(CONFIG, 'jaeger/jaeger.yaml')], { env: { LISTEN: address }, cwd: folder.path, ready: `http://${address}:13134/status` });
  const collector = new Server(await binary('otelcol-spoor'), ['agent.yaml', ...(traceFiles === undefined ? [] : ['agent-files.yaml'])].flatMap((name) => ['--config', join(CONFIG, name)]), {
    env: { ...(traceFiles !== undefined && { TRACE_FILES: traceFiles }), LISTEN: address, STORAGE: join(folder.path, 'otelcol'), TRACES_ENDPOINT: `${address}:14317`, METRICS_ENDPOINT: `http://${address}:9090/api/v1/otlp` },
    cwd: folder.path,
    ready: `http://${address}:13133/`,
  });
  const prometheus = new Server(
    await binary('prometheus'),
    [
      `--config.file=${prometheusConfiguration(folder.path, address)}`,
      `--storage.tsdb.path=${join(folder.path, 'prometheus-data')}`,
      '--web.enable-otlp-receiver',
      '--enable-feature=exemplar-storage',
      `--web.listen-address=${address}:9090`,
    ],
    { cwd: folder.path, ready: `http://${address}:9090/-/ready` },
  );
  const servers = [jaeger, prometheus, collector];
  if (alerts) {
    await once(receiver.listen(9094, address), 'listening');
    servers.unshift(await alertmanager(folder.path, address));
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    receiver.close();
    folder.remove();
  };
  try {
    for (const server of servers) await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint: `http://${address}:4318`, collector, jaeger: new Jaeger(`http://${address}:16686`), prometheus: new Prometheus(`http://${address}:9090`), notifications, stop };
}

function prometheusConfiguration(folder: string, address: string): string {
  cpSync(join(CONFIG, 'prometheus'), join(folder, 'prometheus'), { recursive: true });
  const path = join(folder, 'prometheus/prometheus.yml');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/\b(alertmanager|collector|127\.0\.0\.1)(?=:\d)/g, address));
  return path;
}

/** As configured, with somewhere to send to: the file itself leaves that to its reader. Groups go out at once. */
async function alertmanager(folder: string, address: string): Promise<Server> {
  const path = join(folder, 'alertmanager.yml');
  const hook = `\n    webhook_configs: [{ url: "http://${address}:9094/", send_resolved: true }]`;
  const text = readFileSync(join(CONFIG, 'alertmanager/alertmanager.yml'), 'utf8')
    .replaceAll(/^ {2}- name: \w+$/gm, (line) => line + hook)
    .replaceAll(/group_(wait|interval): \S+/g, 'group_$1: 1s');
  writeFileSync(path, text);
  mkdirSync(join(folder, 'alertmanager'));
  return new Server(
    await binary('alertmanager'),
    [`--config.file=${path}`, `--storage.path=${join(folder, 'alertmanager')}`, `--web.listen-address=${address}:9093`, '--cluster.listen-address='],
    { cwd: folder, ready: `http://${address}:9093/-/ready` },
  );
}

async function received(request: IncomingMessage): Promise<Notification[]> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  return (JSON.parse(body) as { alerts: Notification[] }).alerts;
}
