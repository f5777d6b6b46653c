/** Objects that the app passes, which may be anything: read no more than Node reads them, and never changed. */
import { types } from 'node:util';

/** Whether an object is no more than what it holds, so that another may stand in for it. */
export function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Options with other values. Everything else is read of the app's own object: its getters may know no other. */
export function optionsWith(options: object, values: Readonly<Record<string, unknown>>): object {
  const descriptors = { ...Object.getOwnPropertyDescriptors(options), ...Object.getOwnPropertyDescriptors(values) };
  // A copy stands there for whoever lists them.
  const copy = Object.create(Object.getPrototypeOf(options) as object | null, descriptors) as object;
  return new Proxy(copy, { get: (_copy, name) => Reflect.get(Object.hasOwn(values, name) ? values : options, name) as unknown });
}
