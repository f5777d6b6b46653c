/** An artifact on its way: named at once, made ready when the first writer wants it. */
import type { Artifact } from './artifact.ts';
import { type Described, described } from './described.ts';
import { bounded, fault } from './faults.ts';
import type { Ready } from './named.ts';
import { collisionKey, safeName } from './names.ts';
import { type Preparing, contentOf, prepare } from './ready.ts';

export interface Entry extends Described {
  /** The same each time. Rejects when the artifact cannot be read, or must not have its name. */
  ready(): Promise<Ready>;
  /** Once it is ready. */
  readonly known: Ready | undefined;
}

/** @param taken the collision keys of those before it */
export function entryOf(artifact: Artifact, taken: Set<string>, preparing: Preparing): Entry {
  let problem: Error | undefined;
  let name = '';
  try {
    name = safeName(artifact?.name);
    const key = collisionKey(name);
    if (taken.has(key)) throw fault('duplicate_name', `${name}: another artifact has this name, or one that differs in case only`);
    taken.add(key);
  } catch (error) {
    problem = error as Error;
    name ||= bounded(String((artifact as Partial<Artifact> | undefined)?.name), 1_024) || '?';
  }
  const description = described(artifact ?? {}, name);
  let known: Ready | undefined;
  try {
    // What is in memory is ready.
    if (problem === undefined) known = contentOf(artifact, description, preparing);
  } catch {
    problem = fault('bad_artifact', `${name}: content must be a text or bytes`);
  }
  let making: Promise<Ready> | undefined;
  return {
    ...description,
    ready: () => {
      if (known !== undefined) return Promise.resolve(known);
      making ??= (problem ? Promise.reject(problem) : prepare(artifact, description, preparing)).then((ready) => (known = ready));
      return making;
    },
    get known() {
      return known;
    },
  };
}
