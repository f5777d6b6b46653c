/**
 * Shows each call that Playwright's client sends to its server, at the one place where all of them pass:
 * `Connection.prototype.sendMessageToServer`. No prototype that the app's own calls go through is touched, so
 * messages, stacks and step locations stay as they are. Imported by the preloaded bundle: it knows nothing of OpenTelemetry.
 */
import { log } from '../log.ts';
import { CONTEXT_MAKERS, OPERATIONS } from './playwright-operations.ts';
import { type Connection, type Owner, connectionOf } from './playwright-internals.ts';

/** One call that is under way. Nothing of it throws. */
export interface SentCall {
  /** It was sent: it has its id now. */
  sent(): void;
  succeeded(result: unknown): void;
  failed(error: unknown): void;
}

export interface PlaywrightHandler {
  /** Undefined for a call that is no operation. */
  begin(connection: Connection, object: Owner, method: string, params: unknown, rest: readonly unknown[]): SentCall | undefined;
}

/** Of one patched prototype: one list a process, shared by all copies of spoor. */
interface Patched {
  readonly loaders: { readonly by: unknown; load(): PlaywrightHandler | undefined }[];
}

const PATCHED = Symbol.for('spoor.patch.playwright');
type Prototype = Connection & { [PATCHED]?: Patched };

let warned = false;

/**
 * Patches the copy of Playwright behind `object`, once; a handler that is given later takes the place of the one
 * before until it is taken back, the preload's that of none, so that there are never two spans for one call.
 * @param by whose handler it is: each has one, and by hand only where there is none
 * @returns takes the handler back; undefined when this is no Playwright that we know, which one warning says
 */
export function patchPlaywright(object: unknown, load: () => PlaywrightHandler | undefined, by: unknown): (() => void) | undefined {
  try {
    const prototype = prototypeOf(connectionOf(object));
    if (prototype !== undefined) return install(prototype, load, by);
  } catch {
    // Said below: a proxy, perhaps, or a getter that throws.
  }
  if (!warned) log('warn', 'playwright', 'playwright_unknown', 'the internals of this Playwright are unknown: its operations are not recorded, and it works as without spoor; versions 1.40 to 1.65 are known');
  warned = true;
  return undefined;
}

function prototypeOf(connection: Connection | undefined): Prototype | undefined {
  let prototype: unknown = connection;
  while (typeof prototype === 'object' && prototype !== null && !Object.hasOwn(prototype, 'sendMessageToServer')) prototype = Object.getPrototypeOf(prototype);
  if (connection === undefined || typeof prototype !== 'object' || prototype === null) return undefined;
  const { sendMessageToServer } = prototype as Prototype;
  // Object, method and parameters come first; the rest differs by version. `_objects`: it is a connection.
  return sendMessageToServer.length >= 4 && sendMessageToServer.length <= 6 && connection._objects instanceof Map ? (prototype as Prototype) : undefined;
}

function install(prototype: Prototype, load: () => PlaywrightHandler | undefined, by: unknown): () => void {
  let patched = prototype[PATCHED];
  if (patched === undefined) {
    patched = { loaders: [] };
    Object.defineProperty(prototype, PATCHED, { value: patched, configurable: true });
    wrap(prototype, patched);
  }
  const { loaders } = patched;
  // The same library is found again through another of its packages.
  if (loaders.some((one) => one.by === by) || (by === 'by hand' && loaders.length > 0)) return () => {};
  const own = { by, load };
  // An app's own instrumentation goes before the preload's, whichever sees the library first.
  if (by === 'register') loaders.unshift(own);
  else loaders.push(own);
  return () => {
    const index = loaders.indexOf(own);
    if (index >= 0) loaders.splice(index, 1);
  };
}

function wrap(prototype: Prototype, { loaders }: Patched): void {
  const original = prototype.sendMessageToServer;
  const sendMessageToServer = function (this: Connection, object: Owner, method: string, params: unknown, ...rest: unknown[]): Promise<unknown> {
    // What is no operation loads nothing of ours.
    const call = OPERATIONS.has(method) || CONTEXT_MAKERS.has(method) ? loaders.at(-1)?.load()?.begin(this, object, method, params, rest) : undefined;
    const promise = original.call(this, object, method, params, ...rest);
    if (call !== undefined) {
      call.sent();
      // Beside the caller's own: what it gets is the original promise.
      promise.then((result) => call.succeeded(result), (error: unknown) => call.failed(error));
    }
    return promise;
  };
  const { value: _value, ...descriptor } = Object.getOwnPropertyDescriptor(prototype, 'sendMessageToServer')!;
  for (const name of ['length', 'name'] as const) Object.defineProperty(sendMessageToServer, name, Object.getOwnPropertyDescriptor(original, name)!);
  Object.defineProperty(prototype, 'sendMessageToServer', { ...descriptor, value: sendMessageToServer });
}
