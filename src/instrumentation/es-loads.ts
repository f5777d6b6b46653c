/**
 * Shows ES modules of packages as they are loaded. Nobody can get at one from outside while the app imports it, so it
 * hands itself over, in a line that is appended to it. From Node 22.15 and 23.5 on, which have the hook for that.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Found } from './module-loads.ts';

interface Loaded {
  readonly source?: unknown;
}
interface Internals {
  registerHooks?(hooks: { load(url: string, context: object, next: (url: string, context: object) => Loaded): Loaded }): { deregister(): void };
}

declare const require: NodeJS.Require | undefined;

const Module = (typeof require === 'function' ? require : createRequire(import.meta.url))('node:module') as unknown as Internals;

/** Where the appended lines find who waits for them, by number. */
const KEY = 'spoor.es-loads';
const waiting = ((globalThis as { [key: symbol]: unknown })[Symbol.for(KEY)] ??= []) as Found[];

/** @returns ends it */
export function watchEsModules(file: RegExp, found: Found): () => void {
  if (Module.registerHooks === undefined) return () => {};
  const number = waiting.push(found) - 1;
  const hooks = Module.registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const path = pathOf(url);
      const { source } = loaded;
      if (path === undefined || !file.test(path) || (typeof source !== 'string' && !(source instanceof Uint8Array))) return loaded;
      const text = typeof source === 'string' ? source : Buffer.from(source).toString('utf8');
      const line = `import * as __spoorModule from ${JSON.stringify(url)};globalThis[Symbol.for('${KEY}')]?.[${number}]?.(__spoorModule,${JSON.stringify(path)});`;
      return { ...loaded, source: `${text}\n${line}\n` };
    },
  });
  return () => hooks.deregister();
}

function pathOf(url: string): string | undefined {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : undefined;
  } catch {
    return undefined;
  }
}
