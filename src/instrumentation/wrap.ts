/**
 * Puts a wrapper in the place of one of Node's functions. It is imported by the preloaded bundle, so it
 * knows nothing of OpenTelemetry: what a call means is the handler's affair, which is loaded at the first call.
 */
import { enter, hideFrames, leave, rethrow } from './frames.ts';

/** One call that is under way. */
export interface Call {
  /** What Node is called with: the app's own arguments, or copies with something added. */
  readonly args: unknown[];
  /** The call is over: it returned, or threw. Never throws. */
  end(outcome: { result: unknown } | { error: unknown }): void;
}

/** Looks at calls before they are made. Undefined leaves a call as it is. Never throws. */
export interface Handler {
  begin(name: string, self: unknown, args: unknown[]): Call | undefined;
}

/** Where the handlers of one patched module are: one list a process, shared by all copies of the package. */
interface Patched {
  readonly loaders: (() => Handler | undefined)[];
}

/**
 * Patches once a process, whoever comes first; each caller's handler is used from then on until it is taken
 * back or a later one is given. So there is one handler at a time, and never two spans for one spawn.
 * @returns takes the handler back
 */
export function install(module: string, load: () => Handler | undefined, patch: (current: () => Handler | undefined) => void): () => void {
  const key = Symbol.for(`spoor.patch.${module}`);
  const slots = globalThis as { [key]?: Patched };
  let patched = slots[key];
  const own = (): Handler | undefined => load();
  if (patched === undefined) {
    const loaders: Patched['loaders'] = [own];
    patched = { loaders };
    Object.defineProperty(slots, key, { value: patched });
    patch(() => loaders.at(-1)?.());
  } else patched.loaders.push(own);
  const { loaders } = patched;
  return () => {
    const index = loaders.indexOf(own);
    if (index >= 0) loaders.splice(index, 1);
  };
}

/** A function like `original`: same name, length and own properties, but for those in `replaced`. */
export function wrapFunction<T extends Function>(name: string, original: T, current: () => Handler | undefined, replaced: PropertyDescriptorMap = {}): T {
  // A proxy, so that the one frame of ours keeps a name that is known to be ours (a property: a minifier
  // takes the names of function expressions away); over a copy, because
  // `util.promisify.custom` of the original is read-only and has to be replaced.
  const shell: unknown = Object.defineProperties(original.bind(undefined), { ...Object.getOwnPropertyDescriptors(original), ...replaced });
  const named = {
    __spoorCall(_target: T, self: unknown, args: unknown[]): unknown {
      const call = current()?.begin(name, self, args);
      enter();
      try {
        const result: unknown = Reflect.apply(original, self, call === undefined ? args : call.args);
        // What `spawnSync` returns instead of throwing.
        if (name === 'spawnSync' && (result as { error?: unknown }).error) hideFrames((result as { error: unknown }).error);
        call?.end({ result });
        return result;
      } catch (error) {
        hideFrames(error);
        call?.end({ error });
        rethrow(error, original);
      } finally {
        leave();
      }
    },
  };
  return new Proxy(shell as T, { apply: named.__spoorCall });
}

/** A class like `original`: the same prototype, so `instanceof` and `extends` do not notice. */
export function wrapClass<T extends Function & { prototype: object }>(name: string, original: T, current: () => Handler | undefined): T {
  const named = {
    __spoorConstruct(target: T, args: unknown[], newTarget: Function): object {
      const call = current()?.begin(name, undefined, args);
      enter();
      try {
        const result = Reflect.construct(target, call === undefined ? args : call.args, newTarget) as object;
        call?.end({ result });
        return result;
      } catch (error) {
        hideFrames(error);
        call?.end({ error });
        rethrow(error, original);
      } finally {
        leave();
      }
    },
  };
  const wrapped = new Proxy(original, { construct: named.__spoorConstruct });
  Object.defineProperty(original.prototype, 'constructor', { value: wrapped, writable: true, configurable: true, enumerable: false });
  return wrapped;
}
