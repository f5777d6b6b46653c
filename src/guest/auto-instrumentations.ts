/** `SPOOR_INSTRUMENTATIONS=all`: the instrumentations of a package that the app has, recorded by us. */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

export const PACKAGE = '@opentelemetry/auto-instrumentations-node';

/**
 * Turns them on. They take their tracers from the app's copy of the API, whose provider is ours by then.
 * @returns turns them off again, for when the app's own SDK comes with its own; undefined when there is no such package
 */
export function turnOnAll(): (() => void) | undefined {
  const script = process.argv[1];
  for (const from of [...(script ? [resolve(script)] : []), join(process.cwd(), 'package.json')]) {
    let load: () => { getNodeAutoInstrumentations(): { disable(): void }[] };
    try {
      const require = createRequire(from);
      require.resolve(PACKAGE);
      load = () => require(PACKAGE) as ReturnType<typeof load>;
    } catch {
      continue;
    }
    const instrumentations = load().getNodeAutoInstrumentations();
    return () => instrumentations.forEach((one) => one.disable());
  }
  return undefined;
}
