/** Which runtime (a process, or a worker thread of one) a resource is of, from the values of its attributes. */
import { ATTR } from '../conventions.ts';

type ValueOf = (key: string) => unknown;

/** The id that is written at random. A `service.instance.id` that the environment gives may be that of many. */
export function runtimeId(valueOf: ValueOf): string | undefined {
  const id = valueOf(ATTR.RUNTIME_ID) ?? valueOf(ATTR.SERVICE_INSTANCE_ID);
  return typeof id === 'string' ? id : undefined;
}

/**
 * The runtime that wrote an operation's span; undefined where it was another writer, such as the exporter of an SDK
 * of the app's own: the runtime of that process has counted the operation, and none is waited for to do it.
 */
export function writerOf(valueOf: ValueOf): string | undefined {
  return valueOf(ATTR.PROCESS_SPACE) === undefined ? undefined : runtimeId(valueOf);
}
