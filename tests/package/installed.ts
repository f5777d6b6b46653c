/** The package as a user gets it: packed, and installed from the tarball into an empty project. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, cleanEnvironment } from '../support/program.ts';

const execute = promisify(execFile);

/** npm without what the test runner's own npm put into the environment: it would work on this package instead. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const env = cleanEnvironment();
  for (const name of Object.keys(env)) if (/^npm_(lifecycle|package|command|execpath|config_(local_prefix|prefix|include|omit))/i.test(name)) delete env[name];
  const { stdout } = await execute('npm', [...args, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], { cwd, env, maxBuffer: 64e6 });
  return stdout;
}

export interface Tarball {
  readonly path: string;
  /** Paths inside, as `npm pack` lists them. */
  readonly files: readonly string[];
}

/** Packs what the build of this run made. `--ignore-scripts`: `prepare` would build again under the other tests' feet. */
export async function pack(folder: string): Promise<Tarball> {
  const [packed] = JSON.parse(await npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder));
  return { path: join(folder, packed.filename), files: packed.files.map((file: { path: string }) => file.path).sort() };
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'spoor-package-'));

/** An empty project with the tarball installed, and nothing else but what a program that uses it needs. */
export async function install(folder: string, type: 'module' | 'commonjs', tarball: Tarball): Promise<string> {
  const project = join(folder, type);
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'app', private: true, type }));
  await npm(project, 'install', '--prefer-offline', tarball.path);
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
  return project;
}

/** Where each OpenTelemetry package is installed in a project, by its name. */
export async function openTelemetryPackages(project: string): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  type Node = { path?: string; version?: string; dependencies?: Record<string, Node> };
  const walk = (node: Node): void => {
    for (const [name, dependency] of Object.entries(node.dependencies ?? {})) {
      if (name.startsWith('@opentelemetry/') && dependency.path !== undefined) {
        found.set(name, (found.get(name) ?? new Set()).add(`${dependency.version} in ${dependency.path}`));
      }
      walk(dependency);
    }
  };
  walk(JSON.parse(await npm(project, 'ls', '--all', '--json', '--long')));
  return found;
}
