/**
 * Puts a wrapper in the place of one of Node's functions. It is imported by the preloaded bundle, so it
 * knows nothing of OpenTelemetry: what a call means is the handler's affair, which is loaded at the first call.
 */
import { enter, hideFrames, leave, rethrow } from './frames.ts';

/** One call that is under way. */
export interface Call {
  /** What Node is called with: the app's own arguments, or copies with something added. */
  readonly args: unknown[];
  /** Whether an error comes of what was added: then the call is made again with the app's own arguments. For classes. */
  readonly isOurs?: (error: unknown) => boolean;
  /** What the app is given in place of the result. Of functions. */
  readonly give?: (result: unknown) => unknown;
  /** The call is over: it returned, or threw. Never throws. */
  end(outcome: { result: unknown } | { error: unknown }): void;
}

/** Looks at calls before they are made. Undefined leaves a call as it is. Never throws. */
export interface Handler {
  begin(name: string, self: unknown, args: unknown[]): Call | undefined;
}

/** What all copies of the package in a process share of one patched library. */
interface Slot<H> {
  readonly loaders: (() => H | undefined)[];
  /** What is patched, and what is known of it. */
  readonly patched: WeakMap<object, unknown>;
}

export interface Handlers<H> extends Pick<Slot<H>, 'patched'> {
  /** Whether there is one. */
  readonly watched: boolean;
  /** The one that is shown the calls: the last that was given and not taken back. */
  current(): H | undefined;
  /** @param isPreload it is asked only when there is no other: an app's own comes first, whoever saw the library first. @returns takes it back */
  add(load: () => H | undefined, isPreload?: boolean): () => void;
}

/** The handlers of one library: whoever comes first patches it, and there is one handler at a time, so never two spans for one call. */
export function handlers<H>(library: string, onFirst?: () => void): Handlers<H> {
  const key = Symbol.for(`spoor.patch.${library}`);
  const slots = globalThis as { [key]?: Slot<H> };
  const slot = slots[key] ?? { loaders: [], patched: new WeakMap() };
  const { loaders, patched } = slot;
  if (slots[key] === undefined) {
    Object.defineProperty(slots, key, { value: slot });
    onFirst?.();
  }
  return {
    patched,
    get watched() {
      return loaders.length > 0;
    },
    current: () => loaders.at(-1)?.(),
    add(load, isPreload = false) {
      const own = (): H | undefined => load();
      if (isPreload) loaders.unshift(own);
      else loaders.push(own);
      return () => {
        const index = loaders.indexOf(own);
        if (index >= 0) loaders.splice(index, 1);
      };
    },
  };
}

/**
 * Patches once a process, whoever comes first; each caller's handler is used from then on until it is taken
 * back or a later one is given.
 * @returns takes the handler back
 */
export function install(module: string, load: () => Handler | undefined, patch: (current: () => Handler | undefined) => void): () => void {
  let first = false;
  const { add, current } = handlers<Handler>(module, () => (first = true));
  const remove = add(load);
  if (first) patch(current);
  return remove;
}

/** What the handler makes of a call. One that cannot be loaded (an app that stubs `fs` gives us anything) leaves it as it is. */
function begin(current: () => Handler | undefined, name: string, self: unknown, args: unknown[]): Call | undefined {
  try {
    return current()?.begin(name, self, args);
  } catch {
    return undefined;
  }
}

/** A function like `original`: same name, length and own properties, but for those in `replaced`. */
export function wrapFunction<T extends Function>(name: string, original: T, current: () => Handler | undefined, replaced: PropertyDescriptorMap = {}): T {
  // A proxy, so that the one frame of ours keeps a name that is known to be ours (a property: a minifier
  // takes the names of function expressions away); over a copy, because
  // `util.promisify.custom` of the original is read-only and has to be replaced.
  const shell: unknown = Object.defineProperties(original.bind(undefined), { ...Object.getOwnPropertyDescriptors(original), ...replaced });
  const named = {
    __spoorCall(_target: T, self: unknown, args: unknown[]): unknown {
      const call = begin(current, name, self, args);
      const raised = enter();
      try {
        const result: unknown = Reflect.apply(original, self, call === undefined ? args : call.args);
        // What `spawnSync` returns instead of throwing.
        if (name === 'spawnSync' && (result as { error?: unknown } | undefined)?.error) hideFrames((result as { error: unknown }).error);
        call?.end({ result });
        return call?.give === undefined ? result : call.give(result);
      } catch (error) {
        hideFrames(error);
        call?.end({ error });
        rethrow(error, original);
      } finally {
        leave(raised);
      }
    },
  };
  return new Proxy(shell as T, { apply: named.__spoorCall });
}

/** Wraps a method that a class inherits, for this class alone; nothing that lists its methods shows it. */
export function wrapInherited(prototype: object, method: string, name: string, current: () => Handler | undefined): void {
  const original = (prototype as Record<string, Function>)[method]!;
  Object.defineProperty(prototype, method, { value: wrapFunction(name, original, current), writable: true, configurable: true });
}

/** A class like `original`: the same prototype, so `instanceof` and `extends` do not notice. */
export function wrapClass<T extends Function & { prototype: object }>(name: string, original: T, current: () => Handler | undefined): T {
  const named = {
    __spoorConstruct(target: T, args: unknown[], newTarget: Function): object {
      const call = begin(current, name, undefined, args);
      const raised = enter();
      try {
        let result: object;
        try {
          result = Reflect.construct(target, call === undefined ? args : call.args, newTarget) as object;
        } catch (error) {
          if (!call?.isOurs?.(error)) throw error;
          result = Reflect.construct(target, args, newTarget) as object;
        }
        call?.end({ result });
        return result;
      } catch (error) {
        hideFrames(error);
        call?.end({ error });
        rethrow(error, original);
      } finally {
        leave(raised);
      }
    },
  };
  const wrapped = new Proxy(original, { construct: named.__spoorConstruct });
  Object.defineProperty(original.prototype, 'constructor', { value: wrapped, writable: true, configurable: true, enumerable: false });
  return wrapped;
}
