import { WHERE } from './build.js';

const SPAWN = `spoor_spawn_duration_seconds{${WHERE}}`;
const failed = (metric, more = '') => `${metric}{${WHERE},error_type!=""${more}}`;
const count = (selector, by = '', window = '$__range') => `sum${by && ` by (${by})`} (histogram_count(increase(${selector}[${window}])))`;
const share = (part, whole) => `(${part} or ${whole} * 0) / (${whole} > 0)`;

export const overview = {
  file: 'overview',
  title: 'overview',
  about: 'What was spawned, what failed, what took long, and whether all of it is heard.',
  rows: [
    {
      title: 'In the time shown',
      panels: [
        { kind: 'stat', title: 'Spawns', about: 'Child processes, workers and agents that ended. Prometheus estimates what lies between its points: after a single burst it can say up to twice as many. Exact: the column "Ever" below, and spoor report.', unit: 'short', width: 4, queries: [{ expr: count(SPAWN) }] },
        { kind: 'stat', title: 'Failed', about: 'Those with an error: exit code, signal, timeout, not found.', unit: 'short', width: 4, queries: [{ expr: count(failed('spoor_spawn_duration_seconds')) }] },
        { kind: 'stat', title: 'Selector operations', about: 'Calls of a browser driver.', unit: 'short', width: 4, queries: [{ expr: count(`spoor_selector_duration_seconds{${WHERE},spoor_selector_operation!="attempt"}`) }] },
        { kind: 'stat', title: 'Artifacts written', about: 'Writes that were done, for each artifact and writer.', unit: 'short', width: 4, queries: [{ expr: count(`spoor_export_duration_seconds{${WHERE},spoor_export_writer!="",spoor_export_outcome="written"}`) }] },
        { kind: 'stat', title: 'Tokens', about: 'Read and written by agents.', unit: 'short', width: 4, queries: [{ expr: `sum (histogram_sum(increase(gen_ai_client_token_usage{${WHERE}}[$__range])))` }] },
        { kind: 'stat', title: 'Alerts', about: 'Firing now.', unit: 'short', width: 4, queries: [{ expr: 'count(ALERTS{alertname=~"Spoor.*",alertstate="firing"}) or vector(0)' }] },
      ],
    },
    {
      title: 'Spawns',
      panels: [
        { kind: 'series', title: 'Spawns and failures', about: 'Ended in each step.', unit: 'short', width: 8, queries: [{ expr: count(SPAWN, '', '$__rate_interval'), legend: 'ended' }, { expr: count(failed('spoor_spawn_duration_seconds'), '', '$__rate_interval'), legend: 'failed' }] },
        { kind: 'series', title: 'Share that failed', about: 'By service.', unit: 'percentunit', width: 8, max: 1, queries: [{ expr: share(count(failed('spoor_spawn_duration_seconds'), 'job', '$__rate_interval'), count(SPAWN, 'job', '$__rate_interval')), legend: '{{job}}' }] },
        { kind: 'series', title: 'Duration', about: 'Quantiles over all spawns. A point is one spawn: it opens its trace in Jaeger.', unit: 's', width: 8, queries: [0.5, 0.95, 0.99].map((q) => ({ expr: `histogram_quantile(${q}, sum (rate(${SPAWN}[$__rate_interval])))`, legend: `p${q * 100}`, exemplars: true })) },
      ],
    },
    {
      title: 'By service',
      panels: [
        {
          kind: 'table', title: 'Services', about: '"Ever" is the exact total of the services heard in the time shown; the others are of that time.', width: 24, sort: 'Failed',
          queries: [
            { expr: `sum by (job) (histogram_count(last_over_time(${SPAWN}[$__range])))`, legend: 'Ever' },
            { expr: count(SPAWN, 'job'), legend: 'Spawns' },
            { expr: count(failed('spoor_spawn_duration_seconds'), 'job'), legend: 'Failed' },
            { expr: `histogram_quantile(0.95, sum by (job) (increase(${SPAWN}[$__range])))`, legend: 'p95', unit: 's' },
            { expr: `sum by (job) (spoor_spawn_active{${WHERE}})`, legend: 'Running' },
            { expr: `time() - max by (job) (spoor_ship_last_success_seconds{${WHERE}})`, legend: 'Last heard', unit: 's' },
          ],
        },
      ],
    },
  ],
};
