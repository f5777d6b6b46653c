import { WHERE } from './build.js';

const D = 'spoor_export_duration_seconds';
const of = (more = '', metric = D) => `${metric}{${WHERE},spoor_export_writer!=""${more && `,${more}`}}`;
const count = (selector, by, window = '$__range') => `sum by (${by}) (histogram_count(increase(${selector}[${window}])))`;
const WRITER = 'spoor_export_writer, spoor_export_artifact_type';

export const exports_ = {
  file: 'exports',
  title: 'exports',
  about: 'Artifacts that were published: where, how large, and what did not arrive.',
  rows: [
    {
      title: 'Writes',
      panels: [
        { kind: 'series', title: 'Writes by outcome', about: 'written, failed, skipped, handed_over.', unit: 'short', width: 8, queries: [{ expr: count(of(), 'spoor_export_writer, spoor_export_outcome', '$__rate_interval'), legend: '{{spoor_export_writer}} {{spoor_export_outcome}}' }] },
        { kind: 'series', title: 'Duration, p95', about: 'Of one write. A point opens its trace in Jaeger.', unit: 's', width: 8, queries: [{ expr: `histogram_quantile(0.95, sum by (spoor_export_writer) (rate(${of()}[$__rate_interval])))`, legend: '{{spoor_export_writer}}', exemplars: true }] },
        { kind: 'series', title: 'Bytes', about: 'Written in each step.', unit: 'bytes', width: 8, queries: [{ expr: `sum by (spoor_export_writer) (histogram_sum(increase(${of('', 'spoor_export_size_bytes')}[$__rate_interval])))`, legend: '{{spoor_export_writer}}' }] },
        {
          kind: 'table', title: 'Writers', about: 'In the time shown.', width: 12, sort: 'Failed',
          queries: [
            { expr: count(of('spoor_export_outcome="written"'), WRITER), legend: 'Written' },
            { expr: count(of('spoor_export_outcome="failed"'), WRITER), legend: 'Failed' },
            { expr: count(of('spoor_export_outcome="skipped"'), WRITER), legend: 'Skipped' },
            { expr: `sum by (${WRITER}) (histogram_sum(increase(${of('', 'spoor_export_size_bytes')}[$__range])))`, legend: 'Bytes', unit: 'bytes' },
          ],
        },
        {
          kind: 'table', title: 'What did not arrive', about: 'Why, in the time shown.', width: 12, sort: 'Writes',
          queries: [{ expr: `${count(of('spoor_export_outcome!="written"'), 'spoor_export_writer, spoor_export_outcome, spoor_export_skip_reason, error_type')} > 0`, legend: 'Writes' }],
        },
      ],
    },
    {
      title: 'Publishes',
      panels: [
        { kind: 'series', title: 'Publishes by outcome', about: 'A publish failed when one of its writes did.', unit: 'short', width: 12, queries: [{ expr: count(`${D}{${WHERE},spoor_export_writer=""}`, 'spoor_export_outcome', '$__rate_interval'), legend: '{{spoor_export_outcome}}' }] },
        { kind: 'series', title: 'Duration of a publish', about: 'From the call to the manifest.', unit: 's', width: 12, queries: [0.5, 0.95].map((q) => ({ expr: `histogram_quantile(${q}, sum (rate(${D}{${WHERE},spoor_export_writer=""}[$__rate_interval])))`, legend: `p${q * 100}`, exemplars: true })) },
      ],
    },
  ],
};
