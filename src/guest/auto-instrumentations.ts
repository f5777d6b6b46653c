/** `SPOOR_INSTRUMENTATIONS=all`: the instrumentations of a package that the app has, recorded by us. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

export const PACKAGE = '@opentelemetry/auto-instrumentations-node';

/** Whether they are wanted. The configuration proper loads with the runtime; this one word is needed sooner. */
export function wantsAll(): boolean {
  const asked = process.env.SPOOR_INSTRUMENTATIONS?.trim().toLowerCase();
  if (asked) return asked === 'all';
  const file = resolve(process.env.SPOOR_CONFIG?.trim() || 'spoor.config.json');
  try {
    return existsSync(file) && /"instrumentations"\s*:\s*"all"/.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}

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
