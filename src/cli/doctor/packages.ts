/** Versions, and copies of packages that should be there once. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SCOPE } from '../../conventions.ts';
import type { Check } from './check.ts';

export interface Copy {
  readonly name: string;
  readonly version: string;
  /** Absolute. */
  readonly path: string;
}

const WATCHED = /^(@opentelemetry\/.+|spoor)$/;
/** Deeper nesting is a loop. */
const DEEPEST = 12;

/** Every copy of the OpenTelemetry packages and of spoor that a program in `folder` may load. */
function installedCopies(folder: string): Copy[] {
  const found = new Map<string, Copy>();
  for (let at = folder; ; at = dirname(at)) {
    modules(join(at, 'node_modules'), 0, found);
    if (dirname(at) === at) return [...found.values()].sort((a, b) => (a.name === b.name ? (a.path < b.path ? -1 : 1) : a.name < b.name ? -1 : 1));
  }
}

function modules(folder: string, depth: number, found: Map<string, Copy>): void {
  if (depth > DEEPEST) return;
  for (const name of names(folder)) {
    if (name === '.pnpm') for (const store of names(join(folder, name))) modules(join(folder, name, store, 'node_modules'), depth + 1, found);
    else if (name.startsWith('@')) for (const scoped of names(join(folder, name))) module(folder, `${name}/${scoped}`, depth, found);
    else if (!name.startsWith('.')) module(folder, name, depth, found);
  }
}

function module(folder: string, name: string, depth: number, found: Map<string, Copy>): void {
  const path = join(folder, name);
  if (WATCHED.test(name)) {
    try {
      // A package manager may link to one copy from many places.
      const real = realpathSync(path);
      if (found.has(real)) return;
      found.set(real, { name, version: String((JSON.parse(readFileSync(join(real, 'package.json'), 'utf8')) as { version?: unknown }).version), path: real });
    } catch {
      // A folder without a package.
    }
  }
  modules(join(path, 'node_modules'), depth + 1, found);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function checkVersions(): Check {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  return {
    name: 'versions',
    state: isSupported ? 'ok' : 'problem',
    says: `spoor ${SCOPE.version} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ...(!isSupported && { advice: 'spoor needs Node 20.19, 22.12 or newer' }),
    facts: { spoor: SCOPE.version, node: process.versions.node, platform: process.platform, arch: process.arch },
  };
}

export function checkCopies(folder: string): Check {
  const copies = installedCopies(folder);
  const packages = grouped(copies);
  const several = [...packages].filter(([, list]) => list.length > 1);
  const facts = { packages: Object.fromEntries(Array.from(packages, ([name, list]) => [name, list.map(({ version, path }) => ({ version, path }))])) };
  if (packages.size === 0) return { name: 'packages', state: 'ok', says: `no OpenTelemetry packages are installed in ${folder}: spoor brings what it needs`, facts };
  if (several.length === 0) return { name: 'packages', state: 'ok', says: `${packages.size} OpenTelemetry packages, each there once`, facts };
  const lines = several.map(([name, list]) => `${name}: ${list.map(({ version, path }) => `${version} in ${relative(folder, path) || path}`).join(', ')}`);
  return {
    name: 'packages',
    state: 'note',
    says: `more than one copy of ${several.length === 1 ? 'a package' : `${several.length} packages`} is installed: ${lines.join('; ')}`,
    advice: 'what is registered in one copy of @opentelemetry/api is not seen through another; `npm dedupe`, or `npm ls @opentelemetry/api` to see who asks for what',
    facts: { ...facts, duplicates: several.map(([name]) => name) },
  };
}

function grouped(copies: readonly Copy[]): Map<string, Copy[]> {
  const result = new Map<string, Copy[]>();
  for (const copy of copies) result.set(copy.name, [...(result.get(copy.name) ?? []), copy]);
  return result;
}
