/** An artifact on its way: named at once, made ready when the first writer wants it. */
import type { Artifact } from './artifact.ts';
import { type Described, Named, described } from './described.ts';
import { bounded, errorText, fault } from './faults.ts';
import { collisionKey, safeName } from './names.ts';
import type { Ready } from './ready-bytes.ts';
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
    name ||= givenName(artifact);
  }
  let description: Described;
  try {
    description = described(artifact ?? {}, name);
  } catch (error) {
    problem ??= fault('bad_artifact', `${name}: its type, media type or metadata cannot be read: ${errorText(error)}`);
    description = described({}, name);
  }
  let known: Ready | undefined;
  try {
    // What is in memory is ready.
    if (problem === undefined) known = contentOf(artifact, description, preparing);
  } catch {
    problem = fault('bad_artifact', `${name}: content must be a text or bytes`);
  }
  const make = (): Promise<Ready> => (problem ? Promise.reject(problem) : prepare(artifact, description, preparing));
  return new Prepared(description, known, make);
}

/** For people: of an artifact that has no name that could be used. */
function givenName(artifact: Partial<Artifact> | undefined | null): string {
  try {
    return bounded(errorText(artifact?.name), 1_024) || '?';
  } catch {
    return '?';
  }
}

/** A class: an accessor in an object literal is a hidden class of its own, which holds the whole publish until a full collection. */
class Prepared extends Named implements Entry {
  readonly #make: () => Promise<Ready>;
  #known: Ready | undefined;
  #making: Promise<Ready> | undefined;

  constructor(description: Described, known: Ready | undefined, make: () => Promise<Ready>) {
    super(description);
    this.#known = known;
    this.#make = make;
  }

  get known(): Ready | undefined {
    return this.#known;
  }

  ready(): Promise<Ready> {
    this.#making ??= this.#known === undefined ? this.#make().then((ready) => (this.#known = ready)) : Promise.resolve(this.#known);
    return this.#making;
  }
}
