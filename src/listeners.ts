/** Listeners of ours on emitters of the app's: with them it is warned of a leak when it would be without them, and not before. */
import { EventEmitter } from 'node:events';

/** As Node has them: the app's own, or a spy of its tests, is not to see our calls. */
const { getMaxListeners, on, setMaxListeners } = EventEmitter.prototype;

/** Where Node keeps an emitter's own limit. Undefined: `EventEmitter.defaultMaxListeners`, which may change later. */
const LIMIT = '_maxListeners';

/** A limit that goes with another one, until the emitter is given its own. */
function oneMoreThan(most: () => number): PropertyDescriptor {
  return {
    get: () => most() && most() + 1,
    set(this: object, value: unknown) {
      Object.defineProperty(this, LIMIT, { value, configurable: true, enumerable: true, writable: true });
    },
    configurable: true,
    enumerable: true,
  };
}

const MORE_THAN_DEFAULT = oneMoreThan(() => EventEmitter.defaultMaxListeners);

/** Makes room for one more listener of each event. An emitter that lives as long as a child keeps the limit that it had then. */
export function makeRoom(emitter: EventEmitter): void {
  const most = Reflect.apply(getMaxListeners, emitter, []) as number;
  // 0 is no limit.
  if (most > 0) Reflect.apply(setMaxListeners, emitter, [most + 1]);
}

/** The same of one that lives as long as the app: its limit goes with a default that is set later. Three times the price. */
function makeLastingRoom(emitter: EventEmitter): void {
  // Of this package too, in another bundle.
  const going = Object.getOwnPropertyDescriptor(emitter, LIMIT)?.get as (() => number) | undefined;
  const hasDefault = LIMIT in emitter && emitter[LIMIT] === undefined;
  if (going !== undefined || hasDefault) Reflect.defineProperty(emitter, LIMIT, going === undefined ? MORE_THAN_DEFAULT : oneMoreThan(going));
  else makeRoom(emitter);
}

/** Adds a listener, unless it is there. */
export function ensureListener(emitter: EventEmitter, event: string | symbol, listener: (...args: never[]) => void): void {
  if (emitter.listenerCount(event, listener as () => void) === 0) Reflect.apply(on, emitter, [event, listener]);
}

/** What is done when the process exits, by one listener for all. */
const works: (() => void)[] = [];

/** Calls `work`, once, when the process exits: after what is to be done already, or with `first` before it. */
export function atExit(work: () => void, first = false): void {
  if (works.includes(work)) return;
  if (works.length === 0) {
    makeLastingRoom(process);
    const exit = (): void => {
      for (const one of works) one();
    };
    Reflect.apply(on, process, ['exit', exit]);
  }
  if (first) works.unshift(work);
  else works.push(work);
}
