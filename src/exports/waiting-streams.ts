/**
 * Streams that wait for their turn. One that fails meanwhile is one failed artifact; an `error` that nobody listens
 * to would end the app.
 */
import type { Artifact, StreamArtifact } from './artifact.ts';

type Stream = StreamArtifact['stream'];

interface Waiting {
  failure?: { readonly error: unknown };
  stop(): void;
}

const waiting = new WeakMap<Stream, Waiting>();

/** Listens to the artifact's stream, where it has one, until that was read to the end. Never throws. */
export function listenTo(artifact: Artifact): void {
  try {
    const { stream } = artifact as Partial<StreamArtifact>;
    if (stream === undefined || !('on' in stream) || waiting.has(stream)) return;
    const listener = (error: unknown): void => void (its.failure ??= { error });
    const its: Waiting = { stop: () => void stream.off('error', listener) };
    stream.on('error', listener);
    waiting.set(stream, its);
  } catch {
    // What it is shows when it is read.
  }
}

/** @throws what the stream failed with while it waited */
export function mustBeWhole(stream: Stream): void {
  const failure = waiting.get(stream)?.failure;
  if (failure !== undefined) throw failure.error;
}

/** It was read to the end. One that was not is listened to on: it may fail yet. */
export function stopListening(stream: Stream): void {
  waiting.get(stream)?.stop();
  waiting.delete(stream);
}
