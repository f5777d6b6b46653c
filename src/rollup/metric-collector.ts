/** The rollup's numbers as the SDK's exporters take them. */
import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { Instrument } from '../conventions.ts';
import type { Accumulation } from './accumulation.ts';
import type { Rollup } from './rollup.ts';
import type { Series } from './series.ts';

/** The SDK's enumerations, by number, so that its modules need not be loaded. */
const DOUBLE = 1;
const DELTA = 0;
const CUMULATIVE = 1;
const EXPONENTIAL_HISTOGRAM = 1;
const SUM = 3;

type HrTime = [number, number];
type Stream = { readonly start: number; readonly accumulation: Accumulation };

type Temporality = 'cumulative' | 'delta';

/**
 * Takes the rollup's numbers as the SDK's metric data, beside whoever else takes them. Synchronous, so that it works while
 * the process ends. It counts from the time that it is made. A cumulative stream ends when its series is forgotten for
 * idleness; it begins again, with a new start time, when the series comes back.
 * @param temporality of each type of instrument
 */
export function metricCollector(rollup: Rollup, temporality: (type: Instrument['type']) => Temporality): () => MetricData[] {
  const ledger = rollup.openLedger();
  const streams = new Map<Series, Stream>();
  return () => {
    rollup.settle();
    const delta = ledger.take(rollup.now());
    for (const series of streams.keys()) if (series.forgotten || temporality(series.instrument.type) === 'delta') streams.delete(series);
    for (const [series, accumulation] of delta?.entries ?? []) {
      const stream = streams.get(series);
      if (stream === undefined) streams.set(series, { start: delta!.start, accumulation });
      else stream.accumulation.merge(accumulation);
    }
    return metricData(streams, hrTime(rollup.now()), temporality);
  };
}

function metricData(streams: ReadonlyMap<Series, Stream>, endTime: HrTime, temporality: (type: Instrument['type']) => Temporality): MetricData[] {
  const byInstrument = new Map<Instrument, [Series, Stream][]>();
  for (const entry of streams) {
    const list = byInstrument.get(entry[0].instrument);
    if (list === undefined) byInstrument.set(entry[0].instrument, [entry]);
    else list.push(entry);
  }
  return Array.from(byInstrument, ([{ name, description, unit, type }, entries]): MetricData => {
    const base = { descriptor: { name, description, unit, valueType: DOUBLE }, aggregationTemporality: temporality(type) === 'delta' ? DELTA : CUMULATIVE };
    const points = <T>(value: (accumulation: Accumulation) => T) =>
      entries.map(([{ attributes }, { start, accumulation }]) => ({ startTime: hrTime(start), endTime, attributes, value: value(accumulation) }));
    return type === 'histogram'
      ? { ...base, dataPointType: EXPONENTIAL_HISTOGRAM, dataPoints: points(({ histogram }) => histogram!.toPoint()) }
      : { ...base, dataPointType: SUM, isMonotonic: type === 'counter', dataPoints: points(({ value }) => value) };
  });
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1e6)];
}
