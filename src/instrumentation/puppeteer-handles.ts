/**
 * The element handles that the app has been given. Puppeteer makes others for itself: what it calls on those is inside
 * of a call of the app's.
 */

/** With the selector that they were found by, where there was one. One for all copies of spoor in the process. */
const given = ((globalThis as { [key: symbol]: unknown })[Symbol.for('spoor.handles.puppeteer')] ??= new WeakMap()) as WeakMap<object, string | undefined>;
const MOST = 1000;

/** @param result of a call of the app's: a handle, or several */
export function giveHandles(result: unknown, selector: string | undefined, onEach: (handle: object) => void): void {
  if (typeof result !== 'object' || result === null) return;
  if (Array.isArray(result)) for (const handle of result.slice(0, MOST)) giveHandle(handle, selector, onEach);
  else if (result instanceof Map) for (const handle of [...result.values()].slice(0, MOST)) giveHandle(handle, selector, onEach);
  else giveHandle(result, selector, onEach);
}

function giveHandle(handle: unknown, selector: string | undefined, onEach: (handle: object) => void): void {
  if (typeof handle !== 'object' || handle === null || !('remoteObject' in handle) || given.has(handle)) return;
  given.set(handle, selector);
  onEach(handle);
}

export function isGiven(handle: unknown): boolean {
  return given.has(handle as object);
}

export function selectorOfHandle(handle: object): string | undefined {
  return given.get(handle);
}
