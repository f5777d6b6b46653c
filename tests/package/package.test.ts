/** What a user gets from the registry: the tarball, installed into an empty ES module and an empty CommonJS project. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPE } from '../../src/conventions.ts';
import { ROOT, run, spans } from '../support/program.ts';
import { type Tarball, install, openTelemetryPackages, pack, temporaryFolder } from './installed.ts';

const folder = temporaryFolder();
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name);
let tarball: Tarball;
let projects: { module: string; commonjs: string };

beforeAll(async () => {
  tarball = await pack(folder);
  const [module, commonjs] = await Promise.all([install(folder, 'module', tarball), install(folder, 'commonjs', tarball)]);
  projects = { module, commonjs };
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what `files` says, and every entry of the package', () => {
    const expected = /^(dist\/(src|exporters)\/.*\.(js|d\.ts)|dist\/(register|instrument)\.(cjs|d\.cts)|dist\/(runtime|provider|ship|direct|compact|guest|drivers|driver-handlers|direct-worker|ship-worker)\.cjs|collector-config\/.*(\.(ya?ml|json|md|html|service)|\/Dockerfile)|spoor\.[a-z]+\.schema\.json|action\/(action\.yml|main\.js)|docs\/[\w-]+\.md|examples\/.*\.js|bench\/results\.md|package\.json|LICENSE|NOTICE|README\.md|CONTRIBUTING\.md)$/;
    expect(tarball.files.filter((path) => !expected.test(path))).toEqual([]);
    expect(tarball.files).toEqual(expect.arrayContaining(['dist/register.cjs', 'dist/instrument.cjs', 'dist/runtime.cjs', 'dist/provider.cjs', 'dist/ship.cjs', 'dist/direct.cjs', 'dist/compact.cjs', 'dist/direct-worker.cjs', 'dist/src/index.js', 'dist/src/cli/main.js', 'dist/src/runners/playwright.js', 'dist/src/runners/vitest.js', 'action/action.yml', 'action/main.js', 'spoor.config.schema.json', 'LICENSE']));
  });

  it('holds every page that its pages and messages name', () => {
    const installed = join(projects.module, 'node_modules/spoor');
    const missing = tarball.files.flatMap((path) => {
      const content = readFileSync(join(installed, path), 'utf8');
      const links = path.endsWith('.md') ? [...content.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link]) => join(path, '..', link!)) : [];
      const named = content.match(/\bdocs\/[\w-]+\.md\b/g) ?? [];
      return [...links, ...named].filter((target) => !existsSync(join(installed, target))).map((target) => `${path}: ${target}`);
    });
    expect(missing).toEqual([]);
  });

  it('names no folder and no host of the machine that built it', () => {
    const installed = join(projects.module, 'node_modules/spoor');
    const traces = [ROOT, homedir() === '/' ? ROOT : `${homedir()}/`, hostname()].filter((name) => name.length > 3 && name !== 'localhost');
    const found = tarball.files.flatMap((path) => {
      const content = readFileSync(join(installed, path), 'utf8');
      return traces.filter((trace) => content.includes(trace)).map((trace) => `${path}: ${trace}`);
    });
    expect(found).toEqual([]);
  });

  it('passes publint', async () => {
    const result = await run(bin('publint'), ['run', tarball.path, '--strict'], { cwd: ROOT });
    expect([result.code, result.stdout]).toEqual([0, expect.stringContaining('All good!')]);
  });

  it('resolves with types in every way that TypeScript and Node resolve', async () => {
    // `node10` knows no exports map; every Node that runs us does. ES modules only, by `require` too
    // (Node ^20.19 || >=22.12 loads them): so CommonJS resolving to an ES module is meant.
    const rules = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji', '--no-color'];
    const entries = ['.', 'register', 'instrument', 'ledger', 'exporters/otlp-file', 'exporters/rollup-file'];
    const result = await run(bin('attw'), [tarball.path, ...rules, '--entrypoints', ...entries], { cwd: ROOT });
    expect(result, result.stdout).toMatchObject({ code: 0, stdout: expect.stringContaining('"spoor/exporters/rollup-file"') });
  });

  it('has one version, in the manifest and on every span', () => {
    expect(SCOPE).toEqual({ name: manifest.name, version: manifest.version });
  });
});

describe('installed', () => {
  it('brings one copy of each OpenTelemetry package', async () => {
    const packages = await openTelemetryPackages(projects.module);
    expect([...packages.keys()]).toEqual(expect.arrayContaining(['@opentelemetry/api', '@opentelemetry/core', '@opentelemetry/resources', '@opentelemetry/sdk-trace-base']));
    expect([...packages].filter(([, places]) => places.size !== 1).map(([name, places]) => [name, ...places])).toEqual([]);
  });

  it('has its command', async () => {
    const version = await run(join(projects.module, 'node_modules/.bin/spoor'), ['--version']);
    expect(version).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
  });

  const USE = `
    const spoor = start({ directory });
    await promisify(execFile)(process.execPath, ['-e', '0']);
    const recorded = recordSpawnTelemetry(directory, { task: 'try it', caste: 'builder', model: 'm' });
    await spoor.flush();
    console.log(JSON.stringify({
      state: spoor.health().state,
      recorded: recorded.success,
      entries: [start, spawns.start, correlation.id, ChildProcessInstrumentation, WorkerThreadsInstrumentation, CorrelationSpanProcessor, OtlpFileExporter, RollupFileExporter].map((entry) => typeof entry),
    }));`;
  const EXPECTED = { state: 'recording', recorded: true, entries: Array.from({ length: 8 }, () => 'function') };
  const NAMES: [string, string][] = [
    ['{ start, spawns, selectors, correlation, ChildProcessInstrumentation, WorkerThreadsInstrumentation, CorrelationSpanProcessor }', 'spoor'],
    ['{ OtlpFileExporter }', 'spoor/exporters/otlp-file'],
    ['{ RollupFileExporter }', 'spoor/exporters/rollup-file'],
    ['{ recordSpawnTelemetry }', 'spoor/ledger'],
  ];
  const imports = NAMES.map(([names, from]) => `import ${names} from '${from}';`).join('\n');
  const requires = NAMES.map(([names, from]) => `const ${names} = require('${from}');`).join('\n');
  const BUILTINS: [string, string][] = [
    ['{ execFile }', 'node:child_process'],
    ['{ promisify }', 'node:util'],
  ];
  const programs = {
    module: `${BUILTINS.map(([names, from]) => `import ${names} from '${from}';`).join('\n')}\n${imports}\nconst directory = process.argv[2];\n${USE}`,
    commonjs: `${BUILTINS.map(([names, from]) => `const ${names} = require('${from}');`).join('\n')}\n${requires}\nconst directory = process.argv[2];\n(async () => {${USE}})();`,
  };

  it.each(['module', 'commonjs'] as const)('runs in a %s project', async (type) => {
    const project = projects[type];
    const directory = join(project, '.spoor');
    writeFileSync(join(project, 'program.js'), programs[type]);
    // Of a CommonJS program that requires an ES module, before Node 22.13.
    const quiet = '--disable-warning=ExperimentalWarning';
    const result = await run(process.execPath, [quiet, 'program.js', directory], { cwd: project });
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(JSON.parse(result.stdout)).toEqual(EXPECTED);
    expect(spans(directory).map(({ name }) => name)).toEqual(['node']);
  });

  it.each([
    ['--import', 'spoor/register'],
    ['--require', 'spoor/register'],
    ['--import', 'spoor/instrument'],
    ['--require', 'spoor/instrument'],
  ])('preloads with %s %s', async (option, entry) => {
    const directory = join(projects.module, `.spoor-${option.slice(2)}-${entry.slice(6)}`);
    const program = `require('node:child_process').execFileSync(process.execPath, ['-e', '0'])`;
    const result = await run(process.execPath, [option, entry, '-e', program], { cwd: projects.module, env: { SPOOR_DIR: directory } });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    // `instrument` alone records through the app's own SDK; there is none here, so nothing is written.
    expect([entry, existsSync(join(directory, 'traces'))]).toEqual([entry, entry === 'spoor/register']);
  });

  const TYPED = `
const spoor: Spoor = start({ directory: 'x', maxSeries: 10 });
const state: 'recording' | 'degraded' | 'off' = spoor.health().state;
const id: string | undefined = correlation.id();
const fields: { correlation_id?: string } = correlation.logFields();
const result = recordSpawnTelemetry('.', { task: 't', caste: 'builder', model: 'm' });
const done: boolean = result.success;
const exporter: SpanExporter = new OtlpFileExporter({ directory: 'x' });
const numbers: PushMetricExporter = new RollupFileExporter({ directory: 'x' });
const instrumentations = [new ChildProcessInstrumentation(), new WorkerThreadsInstrumentation()];
// Every option may be undefined, which is as if it were not there.
const given = (none: undefined, { exports: artifacts }: typeof import('spoor')) => [
  start({ directory: none }), correlation.with(none, () => 1),
  selectors.start('n', { page: none }).attempt('css', { selector: none, weight: none }).end({ found: none }),
  selectors.start('n').end({ element: { tag: none, role: none, text: none } }), selectors.use({ end: none }),
  spawns.start({ role: 'r', model: 'm', task: none, repoPath: none }).tokenUsage({ input: none }),
  artifacts.publish([{ name: 'a', content: 'x', type: none }], { to: [{ id: 'w', timeout: none, write: () => ({ status: 'written', url: none }) }], timeout: none, budgets: { size: none } }),
  artifacts.transcript({ maxEntries: none }),
  recordSpawnTelemetry('.', { task: 't', caste: 'builder', model: 'm', source: none }, { file: none }),
  new OtlpFileExporter({ maxAge: none }), new RollupFileExporter({ directory: none }), new ChildProcessInstrumentation({ preload: none, ignore: none }),
];
// @ts-expect-error no such option
start({ nonsense: true });
// @ts-expect-error a ledger record has a model
recordSpawnTelemetry('.', { task: 't', caste: 'builder' });
void [given, state, id, fields, done, exporter, numbers, instrumentations, spawns, CorrelationSpanProcessor, spoor.flush()];
`;

  it.each([
    ['module', 'mts'],
    ['commonjs', 'cts'],
  ] as const)('type-checks in a %s project', async (type, extension) => {
    const project = projects[type];
    const types = `import type { Spoor } from 'spoor';\nimport type { SpanExporter } from '@opentelemetry/sdk-trace-base';\nimport type { PushMetricExporter } from '@opentelemetry/sdk-metrics';\nimport 'spoor/register';\nimport 'spoor/instrument';\n`;
    writeFileSync(join(project, `program.${extension}`), `${imports}\n${types}${TYPED}`);
    const options = { module: 'nodenext', target: 'es2022', strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: ['node'], skipLibCheck: false };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: [`program.${extension}`] }));
    const tsc = createRequire(import.meta.url).resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc');
    const result = await run(process.execPath, [tsc, '-p', '.'], { cwd: project });
    expect(result).toMatchObject({ stdout: '', code: 0 });
  });
});
