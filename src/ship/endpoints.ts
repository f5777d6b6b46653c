/** Where to, by the standard variables. */
import type { Config } from '../config.ts';
import type { ShippedSignal } from './paths.ts';

export type Endpoints = Pick<Config, 'endpoint' | 'tracesEndpoint' | 'metricsEndpoint'>;

/** Which signals have an endpoint and are not turned off (`OTEL_TRACES_EXPORTER=none`). */
export function shippedSignals({ endpoint, tracesEndpoint, metricsEndpoint }: Endpoints, env: NodeJS.ProcessEnv = process.env): ShippedSignal[] {
  const isOff = (name: string): boolean => env[name]?.trim().toLowerCase() === 'none';
  const signals: ShippedSignal[] = [];
  if ((tracesEndpoint || endpoint) && !isOff('OTEL_TRACES_EXPORTER')) signals.push('traces');
  if ((metricsEndpoint || endpoint) && !isOff('OTEL_METRICS_EXPORTER')) signals.push('metrics');
  return signals;
}

/** For the transport, which reads the variables: what was configured in code wins over them. */
export function endpointVariables({ endpoint, tracesEndpoint, metricsEndpoint }: Endpoints): NodeJS.ProcessEnv {
  return {
    ...(endpoint && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    ...(tracesEndpoint && { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint }),
    ...(metricsEndpoint && { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: metricsEndpoint }),
  };
}
