/** Whose streams they are: what is kept of a process's resource. */
import { ATTR } from '../conventions.ts';
import { isShared } from '../rollup/fold.ts';
import type { KeyValue } from '../rollup/request.ts';

/**
 * Backends (Prometheus's `job` and `instance`) tell streams apart by the service and its instance, which here is the
 * directory. So a service has one set of streams in each of its environments, whatever else its processes' resources
 * say; two services that share a directory have two.
 */
export function serviceKey(attributes: readonly KeyValue[]): { readonly service: string; readonly environment: string } {
  const of = (key: string): unknown => attributes.find((attribute) => attribute.key === key)?.value.stringValue;
  return { service: JSON.stringify([of('service.namespace'), of('service.name')]), environment: JSON.stringify([of('deployment.environment.name')]) };
}

/** What outlives a process: not its ids, nor the container or pod that it ran in. */
export function lasting(attributes: readonly KeyValue[]): KeyValue[] {
  return attributes.filter(({ key, value }) => isShared(key) && !/^(container|k8s\.pod|k8s\.container|faas\.instance)(\.|$)/.test(key) && !(key === ATTR.HOST_NAME && isContainerName(value.stringValue)));
}

/** Containers have the beginning of their id for a host name. */
function isContainerName(name: string | undefined): boolean {
  return name !== undefined && /^[0-9a-f]{12}$/.test(name);
}

/** OTLP/JSON of a shipped resource. */
export function resourceJson(attributes: readonly KeyValue[], instance: string): string {
  return JSON.stringify([...attributes, { key: ATTR.SERVICE_INSTANCE_ID, value: { stringValue: instance } }]);
}
