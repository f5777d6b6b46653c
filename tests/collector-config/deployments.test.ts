/**
 * compose.yaml and the manifests for Kubernetes, without either: that they fit together and to the configurations
 * they carry. Their schemas are checked in tests/backends.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIG, configFiles, documents, text, type Tree, yaml } from './files.ts';

const compose = yaml('compose.yaml');
const services = Object.entries<Tree>(compose.services);
const kustomization = yaml('kustomization.yaml');
const manifests: Tree[] = kustomization.resources.flatMap((path: string) => documents(text(path)));
const workloads = manifests.filter(({ kind }) => ['DaemonSet', 'Deployment', 'StatefulSet'].includes(kind));
const named = (kind: string): string[] => manifests.filter((one) => one.kind === kind).map((one) => one.metadata.name);
const collectorVersion = yaml('builder.yaml').dist.version;

describe('compose', () => {
  it.each(services)('%s: a pinned image, loopback, no privileges', (_, { image, ports, cap_drop, security_opt, restart }) => {
    expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/);
    for (const port of ports) expect(port).toMatch(/^\$\{BIND_ADDRESS:-127\.0\.0\.1\}:\d+:\d+$/);
    expect([cap_drop, security_opt, restart]).toEqual([['ALL'], ['no-new-privileges:true'], 'unless-stopped']);
  });

  it('all ports differ, and are those that the documentation names', () => {
    const published = services.flatMap(([, { ports }]) => ports.map((port: string) => port.split(':').at(-2)!));
    expect([...published].sort()).toEqual(['13133', '16686', '3000', '4317', '4318', '9090', '9093']);
  });

  it('mounts what is there, and declares every volume', () => {
    for (const volume of services.flatMap(([, { volumes = [] }]) => volumes as string[])) {
      const [source] = volume.split(':');
      if (source!.startsWith('./')) expect([volume, existsSync(join(CONFIG, source!)), volume.endsWith(':ro')]).toEqual([volume, true, true]);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  it('the addresses between services are names and ports of services', () => {
    const files = [text('prometheus/prometheus.yml'), ...services.flatMap(([, { environment = {} }]) => Object.values<string>(environment))].join('\n');
    const addresses = [...files.matchAll(/\b(collector|jaeger|prometheus|alertmanager):(\d+)/g)].map(([all]) => all);
    // What a service listens on inside the network, published or not.
    const listens = ['collector:8888', 'jaeger:14317', 'jaeger:16686', 'prometheus:9090', 'alertmanager:9093'];
    expect([...new Set(addresses)].sort()).toEqual(listens.sort());
    expect(text('jaeger/jaeger.yaml')).toContain('${env:OTLP_PORT:-14317}');
  });

  it('the collector is the one that the manifest builds', () => {
    expect(compose.services.collector.image).toBe(`otel/opentelemetry-collector-contrib:${collectorVersion}`);
  });
});

describe('Kubernetes', () => {
  it('every manifest is in the kustomization, but the operator’s, which needs its kinds', () => {
    const there = configFiles().filter((path) => /^kubernetes\/[\w-]+\.yaml$/.test(path) && path !== 'kubernetes/operator.yaml');
    expect([...kustomization.resources].sort()).toEqual(there);
    for (const { apiVersion, kind, metadata } of manifests) expect([apiVersion, kind, metadata?.name].every((part) => typeof part === 'string')).toBe(true);
  });

  it('its files are there, and no rule or dashboard is left out', () => {
    const files: string[] = kustomization.configMapGenerator.flatMap(({ files: of }: Tree) => of.map((file: string) => file.split('=').at(-1)!));
    expect(files.filter((file) => !existsSync(join(CONFIG, file)))).toEqual([]);
    const wanted = configFiles().filter((path) => /^(prometheus\/(rules|consoles)|grafana)\//.test(path));
    expect(wanted.filter((path) => !files.includes(path))).toEqual([]);
  });

  it.each(workloads)('$kind $metadata.name: selects its own pods, runs without privileges, and mounts what there is', ({ spec }) => {
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    const pod = spec.template.spec;
    const [container] = pod.containers;
    expect(container.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/);
    expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    expect(container.resources.limits.memory).toBeDefined();
    expect(container.readinessProbe).toBeDefined();
    const volumes = new Map<string, Tree>([...(pod.volumes ?? []), ...(spec.volumeClaimTemplates ?? []).map(({ metadata }: Tree) => metadata)].map((one: Tree) => [one.name, one]));
    expect(container.volumeMounts.map(({ name }: Tree) => name).sort()).toEqual([...volumes.keys()].sort());
    const maps = kustomization.configMapGenerator.map(({ name }: Tree) => name);
    const secrets = [...manifests.filter(({ kind }) => kind === 'Certificate').map((one) => one.spec.secretName), 'spoor-token', 'grafana'];
    for (const { configMap, secret } of volumes.values()) {
      if (configMap) expect(maps).toContain(configMap.name);
      if (secret) expect(secrets).toContain(secret.secretName);
    }
  });

  it('the same images as in compose', () => {
    const images = new Set(services.map(([, { image }]) => image));
    for (const { spec } of workloads) expect([...images]).toContain(spec.template.spec.containers[0].image);
  });

  it('names in addresses are those of services, in their namespace', () => {
    const addressed = [...[...kustomization.resources, 'kubernetes/operator.yaml', 'kubernetes/prometheus.yml'].map(text).join('\n').matchAll(/\b([a-z-]+)\.(\w+)\.svc\b/g)].map(([, name, namespace]) => `${namespace}/${name}`);
    const known = new Set([...named('Service').map((name) => `${kustomization.namespace}/${name}`), 'spoor/spoor-agent-collector']);
    expect(addressed.filter((name) => !known.has(name))).toEqual([]);
    expect(named('Namespace')).toEqual([kustomization.namespace]);
  });

  it('its Prometheus is the same but for where things are', () => {
    const { alerting: _, scrape_configs: scraped, rule_files: __, ...plain } = yaml('prometheus/prometheus.yml');
    const { alerting: ___, scrape_configs: scrapedThere, rule_files: ____, ...there } = yaml('kubernetes/prometheus.yml');
    expect(there).toEqual(plain);
    expect(scrapedThere.map(({ job_name }: Tree) => job_name)).toEqual(scraped.map(({ job_name }: Tree) => job_name));
  });

  it('the operator’s collector is agent.yaml with agent-fleet.yaml', () => {
    const [collector, instrumentation] = documents(text('kubernetes/operator.yaml'));
    const env: Record<string, string> = { LISTEN: '0.0.0.0', STORAGE: '/var/lib/otelcol', TOKEN_FILE: '/etc/spoor/token/token', CA_FILE: '/etc/spoor/tls/ca.crt' };
    const set = (value: string): string => value.replaceAll(/\$\{env:(\w+)(?::-[^}]*)?\}/g, (_, name: string) => env[name] ?? `\${env:${name}}`);
    const agent = documents(set(text('agent.yaml')))[0];
    const fleet = documents(set(text('agent-fleet.yaml')))[0];
    const { config, image } = collector.spec;
    const { insecure: _, ...tls } = fleet.exporters.otlp_grpc.tls;
    expect(config).toEqual({
      extensions: { ...agent.extensions, ...fleet.extensions },
      receivers: agent.receivers,
      processors: agent.processors,
      exporters: { otlp_grpc: { ...agent.exporters.otlp_grpc, ...fleet.exporters.otlp_grpc, tls }, otlp_http: { ...agent.exporters.otlp_http, ...fleet.exporters.otlp_http } },
      service: { ...agent.service, ...fleet.service },
    });
    expect(image).toContain(collectorVersion);
    expect(instrumentation.spec.exporter.endpoint).toContain(`${collector.metadata.name}-collector.`);
  });

  it('the operator’s pods can stand for those of agent.yaml: reached by apps, read by Prometheus, with the same mounts', () => {
    // Their labels are the resource's, their port for metrics is called so, the rest is as given.
    const [operated] = documents(text('kubernetes/operator.yaml'));
    const [agent] = documents(text('kubernetes/agent.yaml'));
    const { spec: pod, metadata } = agent.spec.template;
    const { podSelector, ingress } = manifests.find((one) => one.metadata.name === 'apps-to-agents').spec;
    for (const { labels } of [operated.metadata, metadata]) expect(labels).toMatchObject(podSelector.matchLabels);
    const { receivers, service } = operated.spec.config;
    const ports = Object.values<Tree>(receivers.otlp.protocols).map(({ endpoint }) => ({ port: Number(endpoint.split(':')[1]) }));
    expect(ingress[0].ports).toEqual(ports);
    const [{ relabel_configs }] = yaml('kubernetes/prometheus.yml').scrape_configs;
    const named = new RegExp(`^(?:${relabel_configs[0].regex})$`);
    const read = (container: Tree): string[] => container.ports.map(({ name }: Tree) => name).filter((name: string) => named.test(name));
    expect(workloads.filter(({ spec }) => read(spec.template.spec.containers[0]).length === 1).map((one) => one.metadata.name)).toEqual(['agent', 'loadbalancer', 'gateway']);
    expect(read({ ports: [{ name: 'otlp-grpc' }, { name: 'otlp-http' }, { name: 'metrics' }] })).toEqual(['metrics']);
    expect(service.telemetry.metrics.readers[0].pull.exporter.prometheus).toEqual({ host: '0.0.0.0', port: 8888 });
    expect(operated.spec.volumeMounts.map(({ name }: Tree) => name).sort()).toEqual(operated.spec.volumes.map(({ name }: Tree) => name).sort());
    const sources = (volumes: Tree[]): Tree[] => volumes.filter(({ configMap }) => configMap === undefined).map(({ secret, hostPath }) => secret ?? hostPath);
    expect(sources(operated.spec.volumes)).toEqual(sources(pod.volumes));
    expect(operated.spec.resources).toEqual(pod.containers[0].resources);
  });
});
