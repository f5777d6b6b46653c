/** The resource of a command that only sends: its own counts and gauges are under it. */
import { hostname } from 'node:os';
import { ATTR } from '../conventions.ts';
import type { KeyValue } from '../rollup/request.ts';

export function ownResource(): KeyValue[] {
  const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });
  return [text('service.name', process.env.OTEL_SERVICE_NAME?.trim() || 'unknown_service:node'), text(ATTR.HOST_NAME, hostname())];
}
