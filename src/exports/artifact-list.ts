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
      return isSignal(signal) ? unlessAborted(all, signal, broken) : all;
    }
    for (const artifact of given) add(artifact);
    return { artifacts };
  } catch (error) {
    return broken(error);
  }
}

/** What cannot be listened to cannot cancel. */
export function isSignal(signal: AbortSignal | undefined | null): signal is AbortSignal {
  return typeof signal?.addEventListener === 'function' && typeof signal.removeEventListener === 'function';
}

/** Leaves no listener on the signal, which may live as long as the app. */
function unlessAborted<T>(all: Promise<T>, signal: AbortSignal, otherwise: (reason: unknown) => T): Promise<T> {
  return new Promise((resolve) => {
    const stop = (): void => resolve(otherwise(signal.reason));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop);
    void all.then(resolve).finally(() => signal.removeEventListener('abort', stop));
  });
}

function isAsync(given: Iterable<Artifact> | AsyncIterable<Artifact> | undefined | null): given is AsyncIterable<Artifact> {
  return typeof (given as AsyncIterable<Artifact> | undefined | null)?.[Symbol.asyncIterator] === 'function';
}
