import { WHERE } from './build.js';

export const health = {
  file: 'health',
  title: 'its own health',
  about: 'Whether all that is recorded arrives: spoor, the collectors and Prometheus.',
  rows: [
    {
      title: 'spoor',
      panels: [
        { kind: 'series', title: 'Since the last successful send', about: 'By directory and signal.', unit: 's', width: 8, queries: [{ expr: `time() - max by (job, instance, spoor_ship_signal) (spoor_ship_last_success_seconds{${WHERE}})`, legend: '{{job}} {{spoor_ship_signal}} {{instance}}' }] },
        { kind: 'series', title: 'Waiting to be sent', about: 'Bytes in the files, by directory and signal.', unit: 'bytes', width: 8, queries: [{ expr: `max by (job, instance, spoor_ship_signal) (spoor_ship_unsent_size_bytes{${WHERE}})`, legend: '{{job}} {{spoor_ship_signal}} {{instance}}' }] },
        { kind: 'series', title: 'Age of what waits', about: 'The oldest, by directory and signal.', unit: 's', width: 8, queries: [{ expr: `max by (job, instance, spoor_ship_signal) (spoor_ship_unsent_age_seconds{${WHERE}})`, legend: '{{job}} {{spoor_ship_signal}} {{instance}}' }] },
        { kind: 'series', title: 'Dropped', about: 'Spans, numbers and records that could not be kept, by reason. Anything here is a gap, but for retention_age: that was kept as long as agreed.', unit: 'short', width: 12, queries: [{ expr: `sum by (job, reason) (increase(spoor_telemetry_dropped_total{${WHERE}}[$__rate_interval]))`, legend: '{{job}} {{reason}}' }] },
        { kind: 'series', title: 'Series', about: 'In Prometheus, by metric. It grows with names and models, not with processes.', unit: 'short', width: 12, queries: [{ expr: `count by (__name__) ({__name__=~"spoor_.+|gen_ai_.+",${WHERE}})`, legend: '{{__name__}}' }] },
      ],
    },
    {
      title: 'Collectors',
      panels: [
        { kind: 'series', title: 'Queue', about: 'Share of its capacity. When it is full the collector refuses, and spoor’s files keep the data.', unit: 'percentunit', width: 8, max: 1, queries: [{ expr: 'max by (instance, exporter) (otelcol_exporter_queue_size / (otelcol_exporter_queue_capacity > 0))', legend: '{{instance}} {{exporter}}' }] },
        { kind: 'series', title: 'Spans taken and refused', about: 'A second.', unit: 'short', width: 8, queries: [{ expr: 'sum by (instance) (rate({__name__=~"otelcol_receiver_accepted_spans(_total)?"}[$__rate_interval]))', legend: '{{instance}} taken' }, { expr: 'sum by (instance) (rate({__name__=~"otelcol_receiver_refused_spans(_total)?"}[$__rate_interval]))', legend: '{{instance}} refused' }] },
        { kind: 'series', title: 'Memory', about: 'Resident.', unit: 'bytes', width: 8, queries: [{ expr: 'max by (instance) ({__name__=~"otelcol_process_memory_rss(_bytes)?"})', legend: '{{instance}}' }] },
      ],
    },
    {
      title: 'Prometheus',
      panels: [
        { kind: 'series', title: 'Samples that it refused', about: 'Out of order, or older than it takes.', unit: 'short', width: 12, queries: ['out_of_order', 'too_old', 'out_of_bound'].map((why) => ({ expr: `sum (rate(prometheus_tsdb_${why}_samples_total[$__rate_interval]))`, legend: why })) },
        { kind: 'series', title: 'Series in its head', about: 'Of everything it holds.', unit: 'short', width: 12, queries: [{ expr: 'max by (instance) (prometheus_tsdb_head_series)', legend: '{{instance}}' }] },
      ],
    },
  ],
};
