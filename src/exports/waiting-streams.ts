/**
 * Streams that wait for their turn. One that fails meanwhile is one failed artifact; an `error` that nobody listens
 * to would end the app.
 */
import type { Artifact, StreamArtifact } from './artifact.ts';
import { fault } from './faults.ts';

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

/** Streams that are read, or were. */
const taken = new WeakSet<Stream>();

/** From now on it is read, and by nobody else. @throws code `stream_used` when it was read already */
export function takeStream(stream: Stream): void {
  const { on, getReader, next, readableEnded } = stream as { on?: unknown; getReader?: unknown; next?: unknown; readableEnded?: unknown };
  if (taken.has(stream) || readableEnded === true) throw fault('stream_used', 'the stream was read already; one stream is one artifact of one publish, where content and files may be many');
  // What else can be iterated begins anew each time.
  if ([on, getReader, next].some((method) => typeof method === 'function')) taken.add(stream);
}

/** It was read to the end. One that was not is listened to on: it may fail yet. */
export function stopListening(stream: Stream): void {
  waiting.get(stream)?.stop();
  waiting.delete(stream);
}
