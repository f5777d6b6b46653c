/** The artifacts that a publish is given: their list read to the end, their streams listened to while they wait. */
import type { Artifact } from './artifact.ts';
import { errorText } from './faults.ts';
import type { PublishOptions } from './publish-options.ts';
import { listenTo } from './waiting-streams.ts';

export interface ArtifactList {
  readonly artifacts: readonly Artifact[];
  /** Why the list could not be read further: nobody knows what else is in it. */
  readonly problem?: string;
}

/**
 * What is given at once is read at once: a stream in it may fail before anything else of ours runs. Never throws or
 * rejects. One that comes slowly is waited for until the signal says that it is not.
 */
export function listed(given: Iterable<Artifact> | AsyncIterable<Artifact>, options: Pick<PublishOptions, 'signal'> | undefined | null): ArtifactList | Promise<ArtifactList> {
  const artifacts: Artifact[] = [];
  const add = (artifact: Artifact): void => {
    artifacts.push(artifact);
    listenTo(artifact);
  };
  const broken = (error: unknown): ArtifactList => ({ artifacts: [...artifacts], problem: `the list of artifacts ended with an error after ${artifacts.length}: ${errorText(error)}` });
  const readOn = async (coming: AsyncIterable<Artifact>): Promise<void> => {
    for await (const artifact of coming) add(artifact);
  };
  try {
    if (isAsync(given)) {
      const all = readOn(given).then(() => ({ artifacts }), broken);
      const signal = options?.signal;
      return typeof signal?.addEventListener === 'function' ? Promise.race([all, aborted(signal).then(broken)]) : all;
    }
    for (const artifact of given) add(artifact);
    return { artifacts };
  } catch (error) {
    return broken(error);
  }
}

/** Resolves with the reason. */
function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

function isAsync(given: Iterable<Artifact> | AsyncIterable<Artifact> | undefined | null): given is AsyncIterable<Artifact> {
  return typeof (given as AsyncIterable<Artifact> | undefined | null)?.[Symbol.asyncIterator] === 'function';
}
