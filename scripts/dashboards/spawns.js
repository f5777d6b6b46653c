import { WHERE } from './build.js';

const D = 'spoor_spawn_duration_seconds';
const of = (more = '') => `${D}{${WHERE}${more && `,${more}`}}`;
const agents = (more = '') => of(`spoor_spawn_kind="agent"${more && `,${more}`}`);
const count = (selector, by, window = '$__range') => `sum by (${by}) (histogram_count(increase(${selector}[${window}])))`;
const share = (part, whole) => `(${part} or ${whole} * 0) / (${whole} > 0)`;
const KEY = 'spoor_spawn_kind, process_executable_name';

export const spawns = {
  file: 'spawns',
  title: 'spawns and agents',
  about: 'Processes, workers and agents: how many, how long, why they failed, what they cost.',
  rows: [
    {
      title: 'Processes and workers',
      panels: [
        { kind: 'series', title: 'Running', about: 'Started and not ended.', unit: 'short', width: 8, queries: [{ expr: `sum by (spoor_spawn_kind) (spoor_spawn_active{${WHERE}})`, legend: '{{spoor_spawn_kind}}' }] },
        { kind: 'series', title: 'Failures by error', about: 'error.type: an exit code, a signal, a timeout, or the system’s word.', unit: 'short', width: 8, queries: [{ expr: count(of('error_type!=""'), 'error_type', '$__rate_interval'), legend: '{{error_type}}' }] },
        { kind: 'series', title: 'p95 by executable', about: 'The 10 slowest. A point is one spawn: it opens its trace in Jaeger.', unit: 's', width: 8, queries: [{ expr: `topk(10, histogram_quantile(0.95, sum by (process_executable_name) (rate(${of('process_executable_name!=""')}[$__rate_interval]))))`, legend: '{{process_executable_name}}', exemplars: true }] },
        { kind: 'heatmap', title: 'Durations', about: 'All spawns; the buckets are those of the exponential histogram.', unit: 's', width: 24, queries: [{ expr: `sum (increase(${of()}[$__rate_interval]))` }] },
        {
          kind: 'table', title: 'What was spawned', about: 'In the time shown.', width: 24, sort: 'Count',
          queries: [
            { expr: count(of(), KEY), legend: 'Count' },
            { expr: count(of('error_type!=""'), KEY), legend: 'Failed' },
            { expr: `histogram_quantile(0.5, sum by (${KEY}) (increase(${of()}[$__range])))`, legend: 'p50', unit: 's' },
            { expr: `histogram_quantile(0.95, sum by (${KEY}) (increase(${of()}[$__range])))`, legend: 'p95', unit: 's' },
            { expr: `sum by (${KEY}) (histogram_sum(increase(${of()}[$__range])))`, legend: 'Total', unit: 's' },
          ],
        },
      ],
    },
    {
      title: 'Agents',
      panels: [
        { kind: 'series', title: 'Outcomes', about: 'completed, failed, blocked, abandoned.', unit: 'short', width: 8, queries: [{ expr: count(agents(), 'spoor_spawn_outcome', '$__rate_interval'), legend: '{{spoor_spawn_outcome}}' }] },
        { kind: 'series', title: 'Completed, by model', about: 'Share of the agents that completed.', unit: 'percentunit', width: 8, max: 1, queries: [{ expr: share(count(agents('spoor_spawn_outcome="completed"'), 'gen_ai_request_model', '$__rate_interval'), count(agents(), 'gen_ai_request_model', '$__rate_interval')), legend: '{{gen_ai_request_model}}' }] },
        { kind: 'series', title: 'Tokens', about: 'By model, input and output.', unit: 'short', width: 8, queries: [{ expr: `sum by (gen_ai_request_model, gen_ai_token_type) (histogram_sum(increase(gen_ai_client_token_usage{${WHERE}}[$__rate_interval])))`, legend: '{{gen_ai_request_model}} {{gen_ai_token_type}}' }] },
        {
          kind: 'table', title: 'Roles and models', about: 'In the time shown.', width: 24, sort: 'Count',
          queries: [
            { expr: count(agents(), 'spoor_spawn_role, gen_ai_request_model'), legend: 'Count' },
            { expr: share(count(agents('spoor_spawn_outcome="completed"'), 'spoor_spawn_role, gen_ai_request_model'), count(agents(), 'spoor_spawn_role, gen_ai_request_model')), legend: 'Completed', unit: 'percentunit' },
            { expr: `histogram_quantile(0.95, sum by (spoor_spawn_role, gen_ai_request_model) (increase(${agents()}[$__range])))`, legend: 'p95', unit: 's' },
            { expr: `sum by (spoor_spawn_role, gen_ai_request_model) (histogram_sum(increase(gen_ai_client_token_usage{${WHERE}}[$__range])))`, legend: 'Tokens' },
          ],
        },
      ],
    },
  ],
};
