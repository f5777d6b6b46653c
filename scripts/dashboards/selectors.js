import { WHERE } from './build.js';

const series = (metric, more = '') => `spoor_selector_${metric}{${WHERE}${more && `,${more}`}}`;
/** Operations as a person counts them: what `resolve` tries, strategy by strategy, is within it. */
const of = (metric, more = '') => series(metric, `spoor_selector_operation!="attempt"${more && `,${more}`}`);
const attempts = (more = '') => series('duration_seconds', `spoor_selector_operation="attempt"${more && `,${more}`}`);
const count = (selector, by, window = '$__range') => `sum by (${by}) (histogram_count(increase(${selector}[${window}])))`;
const quantile = (q, selector, by, window) => `histogram_quantile(${q}, sum by (${by}) (increase(${selector}[${window}])))`;
const share = (part, whole) => `(${part} or ${whole} * 0) / (${whole} > 0)`;
const NAMED = 'spoor_selector_name!=""';

export const selectors = {
  file: 'selectors',
  title: 'selectors',
  about: 'Calls of browser drivers, and how the selectors in them hold.',
  rows: [
    {
      title: 'Operations',
      panels: [
        { kind: 'series', title: 'Operations', about: 'By driver and operation.', unit: 'short', width: 8, queries: [{ expr: count(of('duration_seconds'), 'spoor_selector_driver, spoor_selector_operation', '$__rate_interval'), legend: '{{spoor_selector_driver}} {{spoor_selector_operation}}' }] },
        { kind: 'series', title: 'Failures by error', about: 'not_found, not_actionable, ambiguous, invalid_selector, target_closed …', unit: 'short', width: 8, queries: [{ expr: count(of('duration_seconds', 'error_type!=""'), 'error_type', '$__rate_interval'), legend: '{{error_type}}' }] },
        { kind: 'series', title: 'p95: whole, and waiting', about: 'A slow operation is mostly waiting for the page. A point opens its trace in Jaeger.', unit: 's', width: 8, queries: [{ expr: `histogram_quantile(0.95, sum (rate(${of('duration_seconds')}[$__rate_interval])))`, legend: 'duration', exemplars: true }, { expr: `histogram_quantile(0.95, sum (rate(${of('wait_seconds')}[$__rate_interval])))`, legend: 'wait' }] },
      ],
    },
    {
      title: 'Health of selectors',
      panels: [
        { kind: 'series', title: 'Found by a fallback', about: 'Share of the operations with a named selector that needed another strategy than the first.', unit: 'percentunit', width: 8, queries: [{ expr: `sum by (spoor_selector_name) (increase(${of('fallbacks_total')}[$__rate_interval])) / (${count(of('duration_seconds', NAMED), 'spoor_selector_name', '$__rate_interval')} > 0)`, legend: '{{spoor_selector_name}}' }] },
        { kind: 'series', title: 'Drift', about: 'How much what was found differs from before: 0 the same, 1 nothing alike. Mean.', unit: 'percentunit', width: 8, max: 1, queries: [{ expr: `histogram_avg(sum by (spoor_selector_name) (increase(${of('drift')}[$__rate_interval])))`, legend: '{{spoor_selector_name}}' }] },
        { kind: 'series', title: 'Confidence', about: 'Mean; what the app reports and what spoor estimates are never one series.', unit: 'percentunit', width: 8, max: 1, queries: [{ expr: `histogram_avg(sum by (spoor_selector_name, spoor_selector_confidence_source) (increase(${of('confidence')}[$__rate_interval])))`, legend: '{{spoor_selector_name}} {{spoor_selector_confidence_source}}' }] },
        {
          kind: 'table', title: 'Selectors', about: 'In the time shown; those without a name are one row.', width: 24, sort: 'Failed',
          queries: [
            { expr: count(of('duration_seconds'), 'spoor_selector_name, spoor_selector_driver'), legend: 'Operations' },
            { expr: share(count(of('duration_seconds', 'error_type!=""'), 'spoor_selector_name, spoor_selector_driver'), count(of('duration_seconds'), 'spoor_selector_name, spoor_selector_driver')), legend: 'Failed', unit: 'percentunit' },
            { expr: quantile(0.95, of('duration_seconds'), 'spoor_selector_name, spoor_selector_driver', '$__range'), legend: 'p95', unit: 's' },
            { expr: `sum by (spoor_selector_name, spoor_selector_driver) (increase(${of('retries_total')}[$__range]))`, legend: 'Retries' },
            { expr: `sum by (spoor_selector_name, spoor_selector_driver) (increase(${of('fallbacks_total')}[$__range]))`, legend: 'Fallbacks' },
          ],
        },
        {
          kind: 'table', title: 'Strategies', about: 'Which of them find what they are tried for.', width: 24, sort: 'Tried',
          queries: [
            { expr: count(attempts(), 'spoor_selector_name, spoor_selector_strategy'), legend: 'Tried' },
            { expr: count(attempts('error_type!=""'), 'spoor_selector_name, spoor_selector_strategy'), legend: 'Did not find' },
            { expr: `sum by (spoor_selector_name, spoor_selector_strategy) (increase(${of('fallbacks_total')}[$__range]))`, legend: 'Found as fallback' },
          ],
        },
      ],
    },
    {
      title: 'Tests',
      panels: [
        { kind: 'series', title: 'Attempts by result', about: 'Of Playwright Test.', unit: 'short', width: 12, queries: [{ expr: count(`spoor_test_duration_seconds{${WHERE}}`, 'spoor_test_status', '$__rate_interval'), legend: '{{spoor_test_status}}' }] },
        { kind: 'series', title: 'Duration of an attempt, p95', about: 'By project. A point opens its trace in Jaeger.', unit: 's', width: 12, queries: [{ expr: `histogram_quantile(0.95, sum by (spoor_test_project) (rate(spoor_test_duration_seconds{${WHERE}}[$__rate_interval])))`, legend: '{{spoor_test_project}}', exemplars: true }] },
      ],
    },
  ],
};
