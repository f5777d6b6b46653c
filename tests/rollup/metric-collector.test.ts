import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { emptyResource } from '@opentelemetry/resources';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { type Instrument, SCOPE } from '../../src/conventions.ts';
import { Merge } from '../../src/rollup/merge.ts';
import { metricCollector } from '../../src/rollup/metric-collector.ts';
import { parseRequest } from '../../src/rollup/request.ts';
import { Rollup } from '../../src/rollup/rollup.ts';

const DURATION: Instrument = { name: 'd', type: 'histogram', unit: 's', description: 'time', attributes: ['a'] };
const COUNT: Instrument = { name: 'c', type: 'counter', unit: '{x}', description: 'things', attributes: ['a'] };

/** What came out of the SDK's own serializer: count and sum of the histogram, value of the counter. */
function seen(metrics: MetricData[]): unknown {
  const merge = new Merge();
  merge.add(parseRequest(new TextDecoder().decode(JsonMetricsSerializer.serializeRequest({ resource: emptyResource(), scopeMetrics: [{ scope: SCOPE, metrics }] })!)));
  const found = merge.resources.flatMap((resource) => resource.metrics);
  const histogram = found.find(({ name }) => name === 'd')?.series[0]?.histogram;
  return { isDelta: found[0]?.isDelta, count: histogram?.count, sum: histogram?.sum, p50: histogram?.quantile(0.5), value: found.find(({ name }) => name === 'c')?.series[0]?.value };
}

test('several take the numbers, cumulative or delta, beside the files and each other', () => {
  const rollup = new Rollup({ onDropped: () => {} });
  const collector = (temporality: 'cumulative' | 'delta') => {
    const collect = metricCollector(rollup, () => temporality);
    return { collect: () => seen(collect()) };
  };
  const cumulative = collector('cumulative');
  const delta = collector('delta');
  const record = (): void => {
    for (const value of [1, 1, 4]) rollup.record(DURATION, value, { a: 'x' });
    rollup.record(COUNT, 2, {});
  };
  const files = (): number => [...(rollup.takeDelta()?.entries.values() ?? [])].reduce((sum, { histogram }) => sum + (histogram?.count ?? 0), 0);

  record();
  expect(cumulative.collect()).toEqual({ isDelta: false, count: 3, sum: 6, p50: 1, value: 2 });
  record();
  expect(files()).toBe(6);
  expect(delta.collect()).toEqual({ isDelta: true, count: 6, sum: 12, p50: 1, value: 4 });
  record();
  expect(cumulative.collect()).toEqual({ isDelta: false, count: 9, sum: 18, p50: 1, value: 6 });
  expect(delta.collect()).toEqual({ isDelta: true, count: 3, sum: 6, p50: 1, value: 2 });
  const taken = rollup.takeDelta()!;
  rollup.restore(taken);
  expect(cumulative.collect()).toEqual({ isDelta: false, count: 9, sum: 18, p50: 1, value: 6 });
  expect(files()).toBe(3);
  expect(files()).toBe(0);
});
