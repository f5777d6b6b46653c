/** What belongs to each scale: which of the package's `collector-config/`, and what a person does next. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Scale } from './init.ts';

const SOURCE = fileURLToPath(new URL('../../../collector-config/', import.meta.url));

export interface InitFile {
  /** Relative to the folder that is written to, with `/`. */
  readonly path: string;
  readonly content: Buffer;
}

interface ScaleParts {
  readonly about: string;
  /** Files, and folders with all that is below them. */
  readonly parts: readonly string[];
  /** Addresses that are others than in the network of `compose.yaml`. */
  readonly addresses?: Readonly<Record<string, string>>;
  readonly next: (folder: string) => readonly string[];
}

const EVERYWHERE = ['README.md', 'agent.yaml', 'alertmanager', 'grafana', 'jaeger', 'prometheus'] as const;
const NOBODY_IS_TOLD = 'Alerts reach nobody yet: give alertmanager/alertmanager.yml a receiver.';

export const SCALES: Readonly<Record<Scale, ScaleParts>> = {
  laptop: {
    about: 'everything on this machine, by docker compose',
    parts: [...EVERYWHERE, 'compose.yaml'],
    next: (folder) => [
      `docker compose -f ${folder}/compose.yaml up -d`,
      'export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318',
      'npx spoor run -- <your command>',
      'Grafana: http://127.0.0.1:3000 · Jaeger: http://127.0.0.1:16686 · alerts: http://127.0.0.1:9093',
      NOBODY_IS_TOLD,
    ],
  },
  host: {
    about: 'a collector as a service beside the apps of a server; it sends to the backends that you have',
    parts: [...EVERYWHERE, 'agent-files.yaml', 'agent-fleet.yaml', 'builder.yaml', 'systemd'],
    addresses: { 'collector:8888': '127.0.0.1:8888', 'alertmanager:9093': '127.0.0.1:9093' },
    next: (folder) => [
      `Build the collector as the first lines of ${folder}/builder.yaml say, or take the contrib distribution 0.158.0.`,
      `Install it as the first lines of ${folder}/systemd/spoor-collector.service say; TRACES_ENDPOINT and METRICS_ENDPOINT are where Jaeger and Prometheus are.`,
      `Add to your Prometheus: ${folder}/prometheus/rules, and from prometheus.yml what is in otlp, storage and scrape_configs.`,
      `Start it with --web.enable-otlp-receiver --enable-feature=exemplar-storage --web.console.templates=${folder}/prometheus/consoles (the runbook that alerts link to).`,
      'export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318',
      NOBODY_IS_TOLD,
    ],
  },
  fleet: {
    about: 'agents on every host, gateways that sample whole traces, Kubernetes',
    parts: [...EVERYWHERE, 'agent-files.yaml', 'agent-fleet.yaml', 'builder.yaml', 'gateway.yaml', 'gateway-kafka.yaml', 'kubernetes', 'kustomization.yaml', 'loadbalancer.yaml', 'systemd'],
    next: (folder) => [
      `In Kubernetes: the secrets that the first lines of ${folder}/kustomization.yaml name, then kubectl apply -k ${folder}`,
      `Elsewhere: loadbalancer.yaml and gateway.yaml on hosts of their own; agents with --config agent.yaml --config agent-fleet.yaml.`,
      'In the apps: OTEL_EXPORTER_OTLP_ENDPOINT, the address of the agent on the same host.',
      NOBODY_IS_TOLD,
    ],
  },
};

/** The files of a scale, in the order of their paths. */
export function filesOf(scale: Scale): InitFile[] {
  const { parts, addresses = {} } = SCALES[scale];
  const paths = parts.flatMap((part) => (part.includes('.') ? part : below(part))).sort();
  return paths.map((path) => {
    const content = readFileSync(`${SOURCE}${path}`);
    if (path !== 'prometheus/prometheus.yml') return { path, content };
    return { path, content: Buffer.from(Object.entries(addresses).reduce((text, [from, to]) => text.replaceAll(from, to), content.toString())) };
  });
}

function below(folder: string): string[] {
  return readdirSync(`${SOURCE}${folder}`, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? below(`${folder}/${entry.name}`) : `${folder}/${entry.name}`));
}
