/** compose.yaml and the manifests against the schemas of those who read them; and what `spoor init` wrote. */
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { expect, onTestFinished, test } from 'vitest';
import { CLI, run, temporaryDirectory } from '../support/program.ts';
import { binary } from './installed.ts';
import { certManagerDefinition, composeSchema, kubernetesValidate } from './schemas.ts';
import { freeAddress, Server } from './server.ts';
import { CONFIG } from './stack.ts';

const read = (path: string): string => readFileSync(join(CONFIG, path), 'utf8');
const LAX = { strict: false, validateFormats: false, logger: false } as const;
const ajv = (): Ajv => new Ajv(LAX);

test('compose', async () => {
  const validate = new Ajv2020(LAX).compile(await composeSchema());
  const compose = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, unknown> };
  expect([validate(compose), validate.errors]).toEqual([true, null]);
  compose.services.jaeger = { imag: 'x' };
  expect(validate(compose)).toBe(false);
});

test("Kubernetes' own kinds, strictly", async () => {
  const command = await kubernetesValidate();
  const files = readdirSync(join(CONFIG, 'kubernetes')).filter((name) => name.endsWith('.yaml') && name !== 'certificates.yaml' && name !== 'operator.yaml');
  expect(files.length).toBeGreaterThan(6);
  const strictly = (paths: readonly string[]) => run(command, ['--strict', '--quiet', ...paths]);
  const all = await strictly(files.map((name) => join(CONFIG, 'kubernetes', name)));
  expect(all, all.stdout + all.stderr).toMatchObject({ code: 0 });
  const wrong = join(temporaryDirectory(), 'gateway.yaml');
  writeFileSync(wrong, read('kubernetes/gateway.yaml').replace('replicas:', 'replcas:'));
  expect((await strictly([wrong])).code).not.toBe(0);
});

test("cert-manager's kinds", async () => {
  const schemas = new Map<string, object>();
  for (const plural of ['certificates', 'issuers'] as const) {
    const { spec } = parse(await certManagerDefinition(plural)) as { spec: { names: { kind: string }; versions: readonly [{ schema: { openAPIV3Schema: object } }] } };
    schemas.set(spec.names.kind, closed(spec.versions[0].schema.openAPIV3Schema) as object);
  }
  for (const document of parseAllDocuments(read('kubernetes/certificates.yaml'))) {
    const { metadata, ...manifest } = document.toJS() as { kind: string; metadata: object };
    const validate = ajv().compile(schemas.get(manifest.kind)!);
    expect([metadata, validate(manifest), validate.errors]).toEqual([metadata, true, null]);
  }
});

/** Says no to what is not declared, as a server does that is asked to be strict. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return inner.type === 'object' && inner.properties && inner.additionalProperties === undefined ? { ...inner, additionalProperties: false } : inner;
}

test('what `spoor init` writes for a host is taken by its programs; with the flags that it names Prometheus serves the runbook', async () => {
  const project = temporaryDirectory();
  const { code, stdout: said } = await run(process.execPath, [CLI, 'init', 'host', '--to', '.'], { cwd: project });
  expect(code).toBe(0);
  const checks = [
    ['promtool', ['check', 'config', 'prometheus/prometheus.yml']],
    ['amtool', ['check-config', 'alertmanager/alertmanager.yml']],
    ['otelcol-spoor', ['validate', '--config', 'agent.yaml', '--config', 'agent-files.yaml']],
    ['jaeger', ['validate', '--config', 'jaeger/jaeger.yaml']],
  ] as const;
  for (const [name, args] of checks) {
    const { code, stdout, stderr } = await run(await binary(name), args, { cwd: project });
    expect([name, code], stdout + stderr).toEqual([name, 0]);
  }
  const flags = [...said.matchAll(/--(?:web|enable)[^\s)]+/g)].map(([flag]) => flag);
  const address = `${await freeAddress()}:9090`;
  const prometheus = new Server(await binary('prometheus'), ['--config.file=prometheus/prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`, ...flags], { cwd: project, ready: `http://${address}/-/ready` });
  onTestFinished(() => prometheus.stop());
  await prometheus.start();
  const { data } = (await (await fetch(`http://${address}/api/v1/rules?type=alert`)).json()) as { data: { groups: readonly { rules: readonly { annotations: { runbook_url: string } }[] }[] } };
  const [link] = data.groups.flatMap(({ rules }) => rules).map(({ annotations }) => annotations.runbook_url.replace('{{ $externalURL }}', `http://${address}`));
  const page = await fetch(link!);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(`id="${link!.split('#')[1]}"`)]);
  expect((await fetch(`http://${address}/api/v1/otlp/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"resourceMetrics":[]}' })).status).toBe(200);
});
