/** The SDK, loaded when the app makes spans of its own, or a standard variable asks for what only the SDK does; becomes `dist/provider.cjs`. */
import { AlwaysOffSampler, AlwaysOnSampler, BasicTracerProvider, ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler, type TracerConfig } from '@opentelemetry/sdk-trace-base';
import type { Config } from './config.ts';

const ROOTS: Readonly<Record<string, () => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: () => new TraceIdRatioBasedSampler(ratio()),
};

/** Bad ones are named with the rest of the configuration. */
function ratio(): number {
  const given = Number(process.env.OTEL_TRACES_SAMPLER_ARG?.trim() || 1);
  return given >= 0 && given <= 1 ? given : 1;
}

/** The sampler is the configuration's, which may have been given in code; all else is as the standard variables say. */
export function createProvider(sampler: Config['tracesSampler'], config: TracerConfig): BasicTracerProvider {
  const root = ROOTS[sampler.replace('parentbased_', '')]!();
  return new BasicTracerProvider({ ...config, sampler: sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root });
}
