/**
 * What a child's environment has that its parent's has not: trace context and baggage, and for Node
 * descendants the preload. Nothing of the app's is changed: the additions go into copies.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { carried } from '../carrier.ts';
import { ownConfig } from '../config.ts';
import type { Operation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { isPlain } from './app-objects.ts';
import { preloading, withPreload, withoutPreload } from './node-options.ts';
import { type Child, canRead } from './preload-reader.ts';

/** Variables to set, or with undefined to remove. */
export type Changes = Record<string, string | undefined>;

export interface PreloadSettings {
  readonly preload: boolean;
  readonly maxDepth: number;
}

const WINDOWS = process.platform === 'win32';
const sameName = WINDOWS ? (name: string): string => name.toUpperCase() : (name: string): string => name;

let register: { file: string | undefined } | undefined;

/** The file that descendants preload, if it is where this copy of spoor can see it. */
export function registerFile(): string | undefined {
  if (register === undefined) {
    // The bundles stand beside it; the ES modules two folders deeper.
    const here = dirname(import.meta.url.startsWith('file:') ? fileURLToPath(import.meta.url) : import.meta.url);
    register = { file: [join(here, 'register.cjs'), join(here, '../../register.cjs')].find((file) => existsSync(file)) };
  }
  return register.file;
}

/** Where the whole tree writes, absolute; undefined where files are off. */
export function sharedDirectory(): string | undefined {
  const { files, directory } = runtime()?.config ?? ownConfig();
  return files ? directory : undefined;
}

/** How many generations of preloaded processes are above this one. */
const depth = Number(process.env.SPOOR_DEPTH) || 0;
const CHILD_DEPTH = String(depth + 1);

/** What to change in the environment of a child that the operation starts. `options` is the NODE_OPTIONS that it would have. */
export function environmentChanges({ parent, span }: Operation, settings: PreloadSettings, options = '', child: Child = {}): Changes {
  const changes: Changes = carried(parent, span.spanContext());
  const file = registerFile();
  if (file === undefined) return changes;
  const preload = settings.preload && depth < settings.maxDepth && isThere(file) && canRead(file, child, options);
  const changed = preload ? adding(options, file) : removing(options, file);
  if (changed !== options) changes.NODE_OPTIONS = changed;
  if (!preload) return changes;
  changes.SPOOR_DEPTH = CHILD_DEPTH;
  const directory = sharedDirectory();
  if (directory !== undefined) changes.SPOOR_DIR = directory;
  return changes;
}

/**
 * Whether what is to be preloaded is still there: `npm ci` may have taken it away since, and then no Node starts that
 * is to preload it. To ask takes a thousandth of what starting a process does.
 */
export const isThere = (file: string): boolean => existsSync(file);

/** The options hardly ever differ from one child to the next. */
function remembered(work: (options: string, file: string) => string): (options: string, file: string) => string {
  let last: { options: string; result: string } | undefined;
  return (options, file) => (last?.options === options ? last : (last = { options, result: work(options, file) })).result;
}
export const adding = remembered((options, file) => (preloading(options, file) ? options : withPreload(options, file)));
// It came from a parent of ours; the app's own words for it (`--require spoor/register`) stay.
export const removing = remembered((options, file) => (preloading(options, file) ? withoutPreload(options, file) : options));

const CHANGEABLE = new RegExp('^(TRACEPARENT|TRACESTATE|BAGGAGE|NODE_OPTIONS|SPOOR_DEPTH|SPOOR_DIR)=', WINDOWS ? 'i' : '');

const SEARCH_PATH = new RegExp('^PATH=', WINDOWS ? 'i' : '');

/** `K=V` pairs, as Node makes them, looked through once: an environment has dozens. */
export class Pairs {
  readonly #pairs: readonly string[];
  /** Where those are that can be changed here, and their names, the last first. */
  readonly #changeable: (readonly [index: number, name: string])[] = [];
  nodeOptions: string | undefined;

  constructor(pairs: readonly string[]) {
    this.#pairs = pairs;
    for (let i = pairs.length - 1; i >= 0; i--) {
      const pair = pairs[i]!;
      const found = CHANGEABLE.exec(pair)?.[1];
      if (found === undefined) continue;
      const name = sameName(found);
      this.#changeable.push([i, name]);
      if (name === 'NODE_OPTIONS') this.nodeOptions = pair.slice('NODE_OPTIONS='.length);
    }
  }

  /** Where the child's executable is looked for. */
  get PATH(): string | undefined {
    return this.#pairs.findLast((pair) => SEARCH_PATH.test(pair))?.slice('PATH='.length);
  }

  changed(changes: Changes): string[] {
    const changed = [...this.#pairs];
    for (const [i, name] of this.#changeable) if (name in changes) changed.splice(i, 1);
    for (const name in changes) if (changes[name] !== undefined) changed.push(`${name}=${changes[name]}`);
    return changed;
  }
}

const COVERAGE = 'NODE_V8_COVERAGE';

/**
 * An environment that may be inherited from: one that knows nothing but itself (private fields, a proxy) is read here,
 * as Node would read it.
 */
export function inheritable(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env === process.env || isPlain(env)) return env;
  const values = Object.create(null) as NodeJS.ProcessEnv;
  // Node puts this process's own before one that is inherited.
  for (const name in env) if (name !== COVERAGE || Object.hasOwn(env, name) || !process.env[name]) values[name] = env[name];
  return values;
}

/**
 * An environment that has the changes and else whatever `env` has when Node reads it, as Node reads it:
 * inherited keys, getters and undefined included. Copying would read every variable twice, which for
 * `process.env` is most of what tracing a short process costs.
 */
export function changeEnvironment(env: NodeJS.ProcessEnv, changes: Changes): NodeJS.ProcessEnv {
  if (env !== process.env && Object.keys(changes).some((name) => isRefused(env[name]))) return env;
  // Spread makes properties whatever setters `env` has; Node leaves out what is undefined.
  const changed = { __proto__: env, ...changes } as unknown as NodeJS.ProcessEnv;
  // Its own value wins over this process's where it has one, be it undefined: Node asks for no inherited one.
  if (env !== process.env && Object.hasOwn(env, COVERAGE)) define(changed, COVERAGE, env[COVERAGE]);
  if (WINDOWS) for (const other of Object.keys(env)) if (!(other in changes) && other.toUpperCase() in changes) define(changed, other, undefined);
  return changed;
}

/** Node throws for these: it is to see them, not what would stand before them. */
const isRefused = (value: unknown): boolean => typeof value === 'symbol' || (typeof value === 'string' && value.includes('\0'));

function define(object: object, name: string, value: string | undefined): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
