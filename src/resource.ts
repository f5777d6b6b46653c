/**
 * What this process is, on every line it writes: the standard variables' word first
 * (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`), then what tells one process of a directory from another.
 */
import { hostname } from 'node:os';
import { type Resource, defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { now } from './clock.ts';
import { ATTR } from './conventions.ts';
import { randomUuid } from './random-ids.ts';
import { processPlace } from './store/process-identity.ts';
import { isMainThread, threadId } from './thread.ts';

export function processResource(): Resource {
  const id = randomUuid();
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        [ATTR.SERVICE_INSTANCE_ID]: id,
        [ATTR.HOST_NAME]: hostname(),
        [ATTR.PROCESS_PID]: process.pid,
        [ATTR.PROCESS_SPACE]: processPlace(),
        [ATTR.PROCESS_CREATION_TIME]: new Date(now() - process.uptime() * 1000).toISOString(),
        ...(!isMainThread && { [ATTR.THREAD_ID]: threadId }),
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
  // What the environment says it says to many processes: readers need to tell them apart.
  return resource.attributes[ATTR.SERVICE_INSTANCE_ID] === id ? resource : resource.merge(resourceFromAttributes({ [ATTR.RUNTIME_ID]: id }));
}
