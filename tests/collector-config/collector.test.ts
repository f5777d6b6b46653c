/** The collectors' configurations, without a collector: `otelcol validate` is in tests/backends. */
import { describe, expect, it } from 'vitest';
import { COLLECTORS, configFiles, documents, text, type Tree, yaml } from './files.ts';

/** The collector's own way: maps are merged, the rest is replaced. */
function merged(files: readonly string[]): Tree {
  const merge = (a: Tree, b: Tree): Tree =>
    isMap(a) && isMap(b) ? Object.fromEntries([...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, key in a && key in b ? merge(a[key], b[key]) : (a[key] ?? b[key])])) : b;
  return files.map(yaml).reduce(merge);
}

const isMap = (value: unknown): value is Record<string, Tree> => typeof value === 'object' && value !== null && !Array.isArray(value);
const typeOf = (id: string): string => id.split('/')[0]!;

/** What a component of a configuration is called in the manifest. */
const MODULES: Readonly<Record<string, string>> = {
  bearertokenauth: 'bearertokenauthextension', health_check: 'healthcheckextension', file_storage: 'filestorage', otlp: 'otlpreceiver', otlp_json_file: 'otlpjsonfilereceiver',
  'receivers kafka': 'kafkareceiver', 'exporters kafka': 'kafkaexporter', memory_limiter: 'memorylimiterprocessor', tail_sampling: 'tailsamplingprocessor', otlp_grpc: 'otlpexporter',
  otlp_http: 'otlphttpexporter', load_balancing: 'loadbalancingexporter',
};

it('every file is YAML, with no key said twice', () => {
  const files = configFiles().filter((path) => /\.ya?ml$/.test(path));
  expect(files.length).toBeGreaterThan(25);
  for (const path of files) expect([path, documents(text(path)).length > 0]).toEqual([path, true]);
  expect(() => documents('a: 1\na: 2\n')).toThrow(/unique/);
});

it('no collector configuration is left out here', () => {
  const collectors = configFiles().filter((path) => !path.includes('/') && path.endsWith('.yaml') && /^(receivers|exporters):/m.test(text(path)) && path !== 'builder.yaml');
  expect([...new Set(COLLECTORS.flat())].sort()).toEqual(collectors);
});

it('the manifest holds exactly what the configurations use', () => {
  const used = new Set<string>();
  for (const files of COLLECTORS) {
    const whole = merged(files);
    for (const kind of ['extensions', 'receivers', 'processors', 'exporters']) {
      for (const id of Object.keys(whole[kind] ?? {})) used.add(MODULES[typeOf(id)] ?? MODULES[`${kind} ${typeOf(id)}`] ?? `unknown: ${id}`);
    }
  }
  const { dist, providers, ...kinds } = yaml('builder.yaml');
  const modules: string[] = Object.values(kinds as Record<string, { gomod: string }[]>).flat().map(({ gomod }) => gomod);
  expect(modules.map((gomod) => gomod.split(' ')[0]!.split('/').at(-1)).sort()).toEqual([...used].sort());
  expect(new Set(modules.map((gomod) => gomod.split(' ')[1]))).toEqual(new Set([`v${dist.version}`]));
  expect(providers.map(({ gomod }: Tree) => gomod.split(' ')[0].split('/').at(-1)).sort()).toEqual(['envprovider', 'fileprovider', 'yamlprovider']);
});

describe.each(COLLECTORS.map((files) => ({ name: files.join(' + '), whole: merged(files) })))('$name', ({ whole }) => {
  it('declares what its pipelines use, and uses what it declares', () => {
    const pipelines: Tree[] = Object.values(whole.service.pipelines);
    for (const kind of ['receivers', 'processors', 'exporters']) {
      const used = new Set(pipelines.flatMap((pipeline) => pipeline[kind] ?? []));
      expect([kind, [...used].sort()]).toEqual([kind, Object.keys(whole[kind] ?? {}).sort()]);
    }
    expect([...whole.service.extensions].sort()).toEqual(Object.keys(whole.extensions).sort());
  });

  it('limits memory first in every pipeline, and batches in no processor', () => {
    for (const { processors } of Object.values<Tree>(whole.service.pipelines)) expect(processors[0]).toBe('memory_limiter');
    expect(Object.keys(whole.processors).filter((id) => typeOf(id) === 'batch')).toEqual([]);
  });

  it('keeps traces in a queue on disk and tries for ever; has none for numbers', () => {
    for (const [id, { exporters }] of Object.entries<Tree>(whole.service.pipelines)) {
      for (const name of exporters) {
        const { sending_queue: queue, retry_on_failure: retry } = whole.exporters[name];
        // Kafka is the queue.
        if (id.startsWith('metrics') || name === 'kafka') expect([name, queue.enabled, retry.enabled]).toEqual([name, false, false]);
        else expect([name, queue.storage, retry.max_elapsed_time]).toEqual([name, 'file_storage', '0s']);
      }
    }
  });

  it('takes OTLP on loopback, or by TLS with a token', () => {
    for (const [protocol, { endpoint, tls, auth }] of Object.entries<Tree>(whole.receivers.otlp.protocols)) {
      const safe = endpoint.startsWith('${env:LISTEN:-127.0.0.1}:') || (tls?.cert_file && auth?.authenticator === 'bearertokenauth');
      expect([protocol, Boolean(safe)]).toEqual([protocol, true]);
    }
  });
});

it('a gateway keeps what failed, was slow or stopped, whichever way it is fed', () => {
  const policies = (path: string): Tree => yaml(path).processors.tail_sampling;
  expect(policies('gateway.yaml').policies.map(({ type }: Tree) => type)).toEqual(['status_code', 'latency', 'string_attribute', 'probabilistic']);
  expect(policies('gateway-kafka.yaml')).toEqual(policies('gateway.yaml'));
});

it('each says which variables it reads', () => {
  for (const path of new Set(COLLECTORS.flat())) {
    const variables = [...text(path).matchAll(/\$\{env:(\w+)/g)].map(([, name]) => name!);
    const head = text(path).split(/^\w/m)[0]!;
    const elsewhere = /as in gateway\.yaml/.test(head) ? text('gateway.yaml').split(/^\w/m)[0]! : '';
    const unsaid = variables.filter((name) => !head.includes(name) && !elsewhere.includes(name));
    expect([path, unsaid]).toEqual([path, []]);
  }
});
