/** The wrapper of drivers' methods, where nothing is recorded: an error of the app's has no frame of ours either. */
import { expect, test } from 'vitest';
import { CallScope } from '../../src/instrumentation/call-scope.ts';
import { type Watcher, wrapPromiseMethod } from '../../src/instrumentation/wrap-promise.ts';

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

class Driver {
  async fails(): Promise<void> {
    throw new Error('at once');
  }
  throws(): Promise<void> {
    throw new Error('not even a promise');
  }
  async goesOn(): Promise<void> {
    await later();
    try {
      await this.throws();
    } catch (error) {
      await later();
      throw error;
    }
  }
}

function wrapped(watcher: Watcher | undefined, isInner?: (self: unknown) => boolean): Driver {
  class Wrapped extends Driver {}
  const scope = new CallScope();
  for (const name of ['fails', 'throws', 'goesOn'] as const) {
    Object.defineProperty(Wrapped.prototype, name, { value: wrapPromiseMethod(name, Driver.prototype[name], { scope, current: () => watcher, isInner: name === 'throws' ? isInner : undefined }) });
  }
  return new Wrapped();
}

async function stackOf(call: () => Promise<void>): Promise<string> {
  try {
    await call();
  } catch (error) {
    return String((error as Error).stack);
  }
  return 'no error';
}

test.each([['no watcher', undefined], ['a watcher that wants none', { begin: () => undefined }]])('%s', async (_name, watcher) => {
  const driver = wrapped(watcher);
  for (const stack of [await stackOf(() => driver.fails()), await stackOf(async () => driver.throws())]) {
    expect(stack).toMatch(/^Error: (?:at once|not even a promise)\n/);
    expect(stack).not.toContain('__spoor');
  }
});

test('an error of an inner call that comes much later', async () => {
  const driver = wrapped({ begin: () => ({ end() {} }) }, () => true);
  const stack = await stackOf(() => driver.goesOn());
  expect(stack).toMatch(/^Error: not even a promise\n/);
  expect(stack).not.toContain('__spoor');
});
