/**
 * Numbers take exactly one road: to the runtime's recorder where there is a runtime, else to the meter of
 * the OpenTelemetry API. Both at once would make a backend count twice; and after a shutdown they take none.
 */
import { type Attributes, type Histogram, type UpDownCounter, metrics } from '@opentelemetry/api';
import { type Instrument, SCOPE } from './conventions.ts';
import { type Origin, type Runtime, lastRuntime } from './runtime.ts';

type Recording = { add?: UpDownCounter['add']; record?: Histogram['record'] };
const instruments = new Map<string, { of: unknown; recording: Recording }>();

export function record(current: Runtime | undefined, instrument: Instrument, value: number, attributes: Attributes, origin?: Origin): void {
  if (current) return current.recorder.record(instrument, value, attributes, origin);
  if (lastRuntime()) return;
  const declared: Attributes = {};
  for (const name of instrument.attributes) if (attributes[name] !== undefined) declared[name] = attributes[name];
  const { add, record: observe } = apiInstrument(instrument);
  if (add) add(value, declared);
  else observe?.(value, declared);
}

/** The API's instrument, made anew when the app has registered another meter provider since. */
function apiInstrument({ name, type, unit, description }: Instrument): Recording {
  const provider = metrics.getMeterProvider();
  const known = instruments.get(name);
  if (known?.of === provider) return known.recording;
  const meter = provider.getMeter(SCOPE.name, SCOPE.version);
  let recording: Recording;
  if (type === 'histogram') {
    const histogram = meter.createHistogram(name, { unit, description });
    recording = { record: (value, attributes) => histogram.record(value, attributes) };
  } else {
    const counter = type === 'counter' ? meter.createCounter(name, { unit, description }) : meter.createUpDownCounter(name, { unit, description });
    recording = { add: (value, attributes) => counter.add(value, attributes) };
  }
  instruments.set(name, { of: provider, recording });
  return recording;
}
