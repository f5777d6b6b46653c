/** The artifacts that a publish is given: their list read to the end, their streams listened to while they wait. */
import type { Artifact } from './artifact.ts';
import { errorText } from './faults.ts';
import { listenTo } from './waiting-streams.ts';

export interface ArtifactList {
  readonly artifacts: readonly Artifact[];
  /** Why the list could not be read further: nobody knows what else is in it. */
  readonly problem?: string;
}

/** What is given at once is read at once: a stream in it may fail before anything else of ours runs. Never throws or rejects. */
export function listed(given: Iterable<Artifact> | AsyncIterable<Artifact>): ArtifactList | Promise<ArtifactList> {
  const artifacts: Artifact[] = [];
  const add = (artifact: Artifact): void => {
    artifacts.push(artifact);
    listenTo(artifact);
  };
  const broken = (error: unknown): ArtifactList => ({ artifacts, problem: `the list of artifacts ended with an error after ${artifacts.length}: ${errorText(error)}` });
  const readOn = async (coming: AsyncIterable<Artifact>): Promise<void> => {
    for await (const artifact of coming) add(artifact);
  };
  try {
    if (isAsync(given)) return readOn(given).then(() => ({ artifacts }), broken);
    for (const artifact of given) add(artifact);
    return { artifacts };
  } catch (error) {
    return broken(error);
  }
}

function isAsync(given: Iterable<Artifact> | AsyncIterable<Artifact> | undefined | null): given is AsyncIterable<Artifact> {
  return typeof (given as AsyncIterable<Artifact> | undefined | null)?.[Symbol.asyncIterator] === 'function';
}
