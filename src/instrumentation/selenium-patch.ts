/** Puts wrappers around the two methods of Selenium's drivers by which everything goes: `execute` and `wait`. */
import { log } from '../log.ts';
import { CallScope } from './call-scope.ts';
import { type Watcher, wrapPromiseMethod } from './wrap-promise.ts';
import { type Handlers, handlers } from './wrap.ts';

const WRAPPED = ['execute', 'wait'] as const;
const SHAPE = ['execute', 'wait', 'findElement', 'findElements', 'getSession'] as const;

let slot: Handlers<Watcher> | undefined;
const shared = (): Handlers<Watcher> => (slot ??= handlers('selenium'));

/** What to show calls to, from now on. @returns takes it back */
export function watchSelenium(load: () => Watcher | undefined, isPreload?: boolean): () => void {
  return shared().add(load, isPreload);
}

/** Patches selenium-webdriver, or the classes of one of its drivers. Idempotent. False when it is none that is known. */
export function patchSelenium(given: unknown): boolean {
  const { patched, current } = shared();
  const module = [given, (given as { default?: unknown } | undefined)?.default].find((one) => typeof (one as { WebDriver?: unknown } | undefined)?.WebDriver === 'function');
  const { WebDriver, version } = (module ?? {}) as { WebDriver?: { prototype: object }; version?: unknown };
  const prototype = WebDriver?.prototype ?? ownerOf('execute', given);
  if (prototype === undefined || SHAPE.some((name) => typeof (prototype as Record<string, unknown>)[name] !== 'function')) {
    log('warn', 'selenium', 'unknown_selenium', 'this version of selenium-webdriver has another WebDriver than the versions that spoor knows (4): its operations are not recorded');
    return false;
  }
  const isPatched = patched.has(prototype);
  // The entry knows it, the file of the drivers does not.
  if (!isPatched || typeof version === 'string') patched.set(prototype, typeof version === 'string' ? version : undefined);
  if (isPatched) return true;
  for (const name of WRAPPED) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
    const value = wrapPromiseMethod(name, descriptor.value as Function, { scope: CallScope.of('selenium'), current, unwrap, goesOn: name === 'wait' });
    Object.defineProperty(prototype, name, { ...descriptor, value });
  }
  return true;
}

/** The version of the copy that a driver is of. */
export function versionOf(driver: object): string | undefined {
  const prototype = ownerOf('execute', driver);
  return prototype && (shared().patched.get(prototype) as string | undefined);
}

function ownerOf(name: string, object: unknown): object | undefined {
  let prototype = object as object | null | undefined;
  while (typeof prototype === 'object' && prototype !== null && !Object.hasOwn(prototype, name)) prototype = Object.getPrototypeOf(prototype) as object | null;
  return prototype ?? undefined;
}

interface ElementPromise extends Promise<{ getId(): unknown }> {
  getId(): unknown;
}

/** A promised element is an element of its own, whose methods go by a promise that only it has: it goes by ours then. */
function unwrap(result: unknown, follow: (promise: Promise<unknown>) => Promise<unknown>): unknown {
  if (typeof result !== 'object' || result === null || !Object.hasOwn(result, 'then') || !Object.hasOwn(result, 'getId')) return undefined;
  const element = result as ElementPromise;
  const followed = follow(element) as ElementPromise;
  // oxlint-disable-next-line unicorn/no-thenable -- it has one already
  element.then = followed.then.bind(followed);
  element.catch = followed.catch.bind(followed);
  element.getId = () => followed.then((found) => found.getId());
  return element;
}
