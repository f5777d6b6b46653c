/** Where to, and in what form, by the standard variables. */
import type { Config } from '../config.ts';
import type { ShippedSignal } from './paths.ts';

export type Endpoints = Pick<Config, 'endpoint' | 'tracesEndpoint' | 'metricsEndpoint'>;

/** Which signals have an endpoint and are not turned off (`OTEL_TRACES_EXPORTER=none`). */
export function shippedSignals({ endpoint, tracesEndpoint, metricsEndpoint }: Endpoints): ShippedSignal[] {
  const isOff = (name: string): boolean => word(name) === 'none';
  const signals: ShippedSignal[] = [];
  if ((tracesEndpoint || endpoint) && !isOff('OTEL_TRACES_EXPORTER')) signals.push('traces');
  if ((metricsEndpoint || endpoint) && !isOff('OTEL_METRICS_EXPORTER')) signals.push('metrics');
  return signals;
}

/**
 * For the transport, which reads the variables: what was configured in code wins over them, and what is no address is
 * not there, because the transport would take it for a collector on this machine. Returns `env`.
 */
export function setEndpoints(env: NodeJS.ProcessEnv, { endpoint, tracesEndpoint, metricsEndpoint }: Endpoints): NodeJS.ProcessEnv {
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: metricsEndpoint };
  for (const [name, value] of Object.entries(variables)) {
    if (value) env[name] = value;
    else delete env[name];
  }
  return env;
}

/** How numbers are sent: as deltas, but for up-down counters; histograms with explicit bounds. */
export function metricPreferences(): { readonly isDelta: boolean; readonly isExplicit: boolean } {
  return {
    isDelta: ['delta', 'lowmemory'].includes(word('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE') ?? ''),
    isExplicit: word('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION') === 'explicit_bucket_histogram',
  };
}

function word(name: string): string | undefined {
  return process.env[name]?.trim().toLowerCase();
}
