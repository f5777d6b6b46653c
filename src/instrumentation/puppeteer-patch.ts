/**
 * Puts wrappers around the methods of Puppeteer's pages, frames, element handles and locators. Which calls are
 * operations is decided here, by an allowlist; what they mean is the watcher's affair.
 */
import { log } from '../log.ts';
import { CallScope } from './call-scope.ts';
import { isGiven } from './puppeteer-handles.ts';
import { type Watcher, type WrapOptions, wrapPromiseMethod } from './wrap-promise.ts';
import { type Handlers, handlers } from './wrap.ts';

const FINDING = ['$', '$$', '$eval', '$$eval', 'waitForSelector'] as const;
const ON_SELECTORS = ['click', 'focus', 'hover', 'select', 'tap', 'type'] as const;

/** By the class that has them. */
const METHODS = {
  Page: [...FINDING, ...ON_SELECTORS, 'evaluateHandle', 'waitForFunction', 'waitForNavigation', 'waitForRequest', 'waitForResponse', 'waitForNetworkIdle', 'waitForFrame', 'waitForFileChooser'],
  Frame: [...FINDING, ...ON_SELECTORS, 'evaluateHandle', 'frameElement', 'waitForFunction', 'waitForNavigation'],
  ElementHandle: [
    ...FINDING, ...ON_SELECTORS, 'press', 'uploadFile', 'autofill', 'drag', 'dragEnter', 'dragOver', 'drop', 'dragAndDrop', 'touchStart', 'touchMove', 'touchEnd', 'scrollIntoView',
    'screenshot', 'evaluate', 'evaluateHandle', 'toElement', 'isVisible', 'isHidden', 'isIntersectingViewport', 'boundingBox', 'boxModel', 'contentFrame',
  ],
  Locator: ['click', 'fill', 'hover', 'scroll', 'wait', 'waitHandle'],
} as const;

export type Kind = keyof typeof METHODS;
type Prototype = Record<string, unknown>;

/** What the classes of all versions have that we know; else nothing is touched. */
const SHAPES: Readonly<Record<Kind, readonly string[]>> = {
  Page: ['$', '$eval', 'click', 'waitForSelector', 'url'],
  Frame: ['$', '$eval', 'click', 'waitForSelector'],
  ElementHandle: ['$', '$eval', 'click', 'waitForSelector', 'isVisible'],
  Locator: ['click', 'fill', 'wait', 'setTimeout'],
};

/** What an object of each kind has, and of no other. */
const MARKS: Readonly<Record<Kind, string>> = { Page: 'mainFrame', Frame: 'parentFrame', ElementHandle: 'remoteObject', Locator: 'setEnsureElementIsInTheViewport' };

/**
 * Puppeteer gives a page's function the address of the code that called, two frames up from where it looks: a
 * wrapper between would be that code, and the page could see it. So the wrapper has it look before.
 */
const WITH_SOURCE: ReadonlySet<string> = new Set(['$eval', '$$eval', 'evaluate', 'evaluateHandle']);
/** Waits that make their error for a timeout when they begin. */
const ERROR_FIRST = /^waitFor(?!Selector)/;
/** What goes on with the app's own pages and handles after it has waited. */
const GOES_ON = (kind: Kind, name: string): boolean => kind === 'Locator' || name === 'drop' || name === 'dragAndDrop';
type AddSource = (functionName: string, pageFunction: unknown) => unknown;

/** What is known of a loaded copy of Puppeteer. */
export interface Copy {
  readonly version: string | undefined;
  readonly addSource: AddSource | undefined;
}

const UNKNOWN: Copy = { version: undefined, addSource: undefined };

let slot: Handlers<Watcher> | undefined;
const shared = (): Handlers<Watcher> => (slot ??= handlers('puppeteer'));

/** What to show calls to, from now on. @returns takes it back */
export function watchPuppeteer(load: () => Watcher | undefined, isPreload?: boolean): () => void {
  return shared().add(load, isPreload);
}

/**
 * Patches what an object of Puppeteer's leads to: its module (or default export), a browser, a page, a frame, a handle.
 * Idempotent. False when it leads to nothing that is known.
 */
export function patchPuppeteer(given: unknown): boolean {
  const exports = (given as { default?: unknown } | undefined)?.default;
  const module = [given, exports].find((one) => typeof (one as Prototype | undefined)?.Page === 'function') as Prototype | undefined;
  if (module === undefined) return patchObject(given) || patchObject(exports);
  const classes = (Object.keys(METHODS) as Kind[]).map((kind) => [kind, (module[kind] as { prototype?: object } | undefined)?.prototype] as const);
  const unknown = classes.find(([kind, prototype]) => prototype === undefined || !hasShape(kind, prototype));
  if (unknown) {
    log('warn', 'puppeteer', 'unknown_puppeteer', `this version of Puppeteer has another ${unknown[0]} than the versions that spoor knows (24, 25): its operations are not recorded`);
    return false;
  }
  const copy: Copy = {
    version: /(\d+\.\d+\.\d+\S*)$/.exec(String(module.UTILITY_WORLD_NAME))?.[1],
    addSource: typeof module.withSourcePuppeteerURLIfNone === 'function' ? (module.withSourcePuppeteerURLIfNone as AddSource) : undefined,
  };
  for (const [kind, prototype] of classes) patchPrototype(kind, prototype!, copy);
  // Their own are over the common ones.
  for (const name of Object.keys(module)) {
    const prototype = (module[name] as { prototype?: object } | undefined)?.prototype;
    if (prototype) for (const [kind, common] of classes) if (Object.prototype.isPrototypeOf.call(common!, prototype)) patchPrototype(kind, prototype, copy);
  }
  return true;
}

/** Patches the classes of one object, where the module itself is out of reach, as in a bundle. */
export function patchObject(object: unknown): boolean {
  if (typeof object !== 'object' || object === null) return false;
  const { patched } = shared();
  const own = Object.getPrototypeOf(object) as object | null;
  // As each handle's is that the app is given, but for the first.
  if (own !== null && patched.has(own)) return true;
  const kind = (Object.keys(SHAPES) as Kind[]).find((one) => MARKS[one] in object && hasShape(one, object));
  if (kind === undefined) return patchFactories(object);
  for (let prototype = own; prototype !== null && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object | null) patchPrototype(kind, prototype, UNKNOWN);
  if (kind === 'Page') {
    const page = object as { mainFrame(): object; locator?(selector: string): object };
    patchObject(page.mainFrame());
    // Asks nothing of the browser.
    patchObject(page.locator?.(':root'));
  }
  return true;
}

function hasShape(kind: Kind, object: object): boolean {
  return SHAPES[kind].every((name) => typeof (object as Prototype)[name] === 'function');
}

/** Methods by which pages come to be. */
const FACTORIES = ['launch', 'connect', 'newPage', 'pages'] as const;

/** Puppeteer itself, a browser or a context: what their pages are is known when there is one. */
function patchFactories(object: object): boolean {
  const { patched } = shared();
  let found = false;
  for (const name of FACTORIES) {
    const original = (object as Prototype)[name];
    if (typeof original !== 'function') continue;
    found = true;
    if (patched.has(original)) continue;
    const watch: Watcher = { begin: () => ({ end: (outcome) => ('result' in outcome ? [outcome.result].flat().forEach(patchObject) : undefined) }) };
    const value = wrapPromiseMethod(name, original, { scope: new CallScope(), current: () => watch });
    patched.set(value, UNKNOWN);
    Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: Object.hasOwn(object, name) });
  }
  return found;
}

/** The copy that an object is of. */
export function copyOf(object: object): Copy | undefined {
  const { patched } = shared();
  for (let prototype = Object.getPrototypeOf(object) as object | null; prototype !== null; prototype = Object.getPrototypeOf(prototype) as object | null) {
    const copy = patched.get(prototype) as Copy | undefined;
    if (copy !== undefined) return copy;
  }
  return undefined;
}

function patchPrototype(kind: Kind, prototype: object, copy: Copy): void {
  const { patched, current } = shared();
  if (patched.has(prototype)) return;
  patched.set(prototype, copy);
  for (const name of METHODS[kind]) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof descriptor?.value !== 'function' || descriptor.configurable !== true) continue;
    const options: WrapOptions = { scope: CallScope.of('puppeteer'), current, makesErrorFirst: ERROR_FIRST.test(name), goesOn: GOES_ON(kind, name), isInner: kind === 'ElementHandle' ? (self) => !isGiven(self) : undefined };
    if (WITH_SOURCE.has(name)) {
      if (copy.addSource === undefined) continue;
      Object.assign(options, { prepare: { index: name.startsWith('evaluate') ? 0 : 1, make: copy.addSource } });
    }
    Object.defineProperty(prototype, name, { ...descriptor, value: wrapPromiseMethod(name, descriptor.value as Function, options) });
  }
}
