/** Apps with packages of their own, as people have them: installed once, kept under `node_modules/.cache`. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT, run } from '../support/program.ts';

export const CACHE = join(ROOT, 'node_modules/.cache/spoor-tests');

/** Pinned, so that a run today and one next year test the same thing. */
export const PACKAGES = {
  'sdk-2': ['@opentelemetry/api@1.9.1', '@opentelemetry/sdk-node@0.223.0', '@opentelemetry/sdk-metrics@2.12.0', '@opentelemetry/auto-instrumentations-node@0.81.2'],
  'sdk-3': ['@opentelemetry/api@1.10.0', '@opentelemetry/sdk-node@0.301.0', '@opentelemetry/sdk-metrics@3.1.0'],
  'api-1.9.0': ['@opentelemetry/api@1.9.0', '@opentelemetry/sdk-trace-node@2.12.0'],
  'api-1.8': ['@opentelemetry/api@1.8.0', '@opentelemetry/sdk-trace-node@1.26.0'],
  sentry: ['@sentry/node@10.78.0'],
  'node-24': ['node@24.21.0'],
} as const;

/** The folder of an app that has one of these sets of packages. */
export function app(name: keyof typeof PACKAGES): Promise<string> {
  return installed(name, PACKAGES[name]);
}

/** The folder of an app that has these packages. Several test files may ask for it at once. */
export async function installed(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(CACHE, `${name}-${packages.join('+').replaceAll(/[^\w.]+/g, '-')}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const making = mkdtempSync(join(CACHE, '.making-'));
  writeFileSync(join(making, 'package.json'), '{ "private": true }\n');
  const { code, stderr } = await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: making });
  if (code !== 0) throw new Error(`npm install ${packages.join(' ')}: ${stderr}`);
  try {
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Node 24, whatever runs the tests. */
export async function node24(): Promise<string> {
  return Number(process.versions.node.split('.')[0]) === 24 ? process.execPath : join(await app('node-24'), 'node_modules/node/bin/node');
}

/** Puts a program into an app's folder, where it finds the app's packages. Gone when the test is over. */
export function program(folder: string, name: string, source: string): string {
  const own = mkdtempSync(join(folder, 'program-'));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  const file = join(own, name);
  writeFileSync(file, name.endsWith('.mjs') ? asModule(source) : source);
  return file;
}

/** `const { a } = require('b')` as an import: the programs are written once for both module systems. */
function asModule(source: string): string {
  return source
    .replaceAll(/^const \{(.*)\} = require\((.*)\);$/gm, (_, names: string, from: string) => `import {${names.replaceAll(':', ' as')}} from ${from};`)
    .replaceAll(/^const (\w+) = require\((.*)\);$/gm, 'import $1 from $2;');
}
