/** The files of `collector-config/`, read once and parsed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { INSTRUMENTS } from '../../src/conventions.ts';
import { ROOT } from '../support/program.ts';

export const CONFIG = join(ROOT, 'collector-config');

/** The collectors' configurations as they are run: a file, and those that are added to it. */
export const COLLECTORS: readonly (readonly string[])[] = [
  ['agent.yaml'],
  ['agent.yaml', 'agent-files.yaml'],
  ['agent.yaml', 'agent-fleet.yaml'],
  ['gateway.yaml'],
  ['gateway-kafka.yaml'],
  ['loadbalancer.yaml'],
];

/** All files, relative to the folder. */
export function configFiles(): string[] {
  return readdirSync(CONFIG, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(CONFIG.length + 1))
    .sort();
}

export function text(path: string): string {
  return readFileSync(join(CONFIG, path), 'utf8');
}

/** Every document of a YAML file; throws where it is not YAML, or says one key twice. */
export function documents(content: string): Tree[] {
  return parseAllDocuments(content, { merge: true, uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as Tree;
  });
}

export function yaml(path: string): Tree {
  const [only, ...more] = documents(text(path));
  if (only === undefined || more.length > 0) throw new Error(`${path}: ${more.length + 1} documents`);
  return only;
}

/** A parsed file; the tests say what they expect in it. */
export type Tree = any;

const underscored = (name: string): string => name.replaceAll(/[^\w]/g, '_');

/** What Prometheus calls a metric, with its default translation (seen in 3.15.0), and which labels it can have. */
function prometheusMetrics(): Map<string, ReadonlySet<string>> {
  return new Map(
    INSTRUMENTS.map(({ name, type, unit, attributes }) => {
      const unitSuffix = ({ s: '_seconds', By: '_bytes' } as Record<string, string>)[unit] ?? '';
      const suffix = type === 'counter' ? '_total' : type === 'gauge' && unit === '1' ? '_ratio' : '';
      return [underscored(name) + unitSuffix + suffix, new Set([...attributes.map(underscored), 'job', 'instance'])];
    }),
  );
}

/** Names of metrics and labels in an expression that are not there; `known`: further metrics. */
export function unknownNames(expression: string, known: ReadonlySet<string> = new Set()): string[] {
  const metrics = prometheusMetrics();
  const labels = new Set([...metrics.values()].flatMap((names) => [...names]));
  // Without what is quoted, durations and the expression's variables.
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '""').replaceAll(/\[[^\]]*\]/g, '');
  const named = [...bare.matchAll(/(?<![\w:$])((?:spoor|gen_ai|process|error|otelcol|prometheus|job|role|model|spawned|selector)[a-z_]*(?:[:_]\w+)*)(?![\w:])/g)].map(([, name]) => name!);
  return named.filter((name) => !metrics.has(name) && !labels.has(name) && !known.has(name) && !/^(otelcol|prometheus)_/.test(name));
}
