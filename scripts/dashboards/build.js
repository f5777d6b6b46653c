/** From a short description of rows and panels to a dashboard, by Grafana's own SDK. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

const PROMETHEUS = { type: 'prometheus', uid: 'spoor-prometheus' };
/** Every query of a dashboard is filtered by its two variables: the service, and the directory. */
export const WHERE = 'job=~"$job",instance=~"$directory"';

const HEIGHT = { stat: 4, series: 8, heatmap: 8, table: 9 };
const BUILDERS = { stat: stat.PanelBuilder, series: timeseries.PanelBuilder, heatmap: heatmap.PanelBuilder, table: table.PanelBuilder };

/**
 * A description: `{ file, title, about, variables, rows: [{ title, panels: [{ kind, title, about, unit, width, queries }] }] }`.
 * A query is `{ expr, legend, exemplars }`; a panel is 24 columns wide at most.
 */
export function dashboard({ file, title, about, withoutVariables, rows }) {
  const builder = new sdk.DashboardBuilder(`spoor: ${title}`)
    .uid(`spoor-${file}`)
    .description(about)
    .tags(['spoor'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .timezone('browser')
    .tooltip(sdk.DashboardCursorSync.Crosshair)
    .link(new sdk.DashboardLinkBuilder('spoor').type(sdk.DashboardLinkType.Dashboards).tags(['spoor']).includeVars(true).keepTime(true).asDropdown(true))
    .annotation(alerts());
  if (!withoutVariables) builder.withVariable(variable('job', 'Service', 'label_values({__name__=~"spoor_.+"}, job)')).withVariable(variable('directory', 'Directory', 'label_values({__name__=~"spoor_.+",job=~"$job"}, instance)'));
  for (const row of rows) {
    builder.withRow(new sdk.RowBuilder(row.title));
    for (const one of row.panels) builder.withPanel(panel(one));
  }
  const built = builder.build();
  // Links to a panel hold its id: in the order of the description, so that it is the same in every build.
  built.panels.forEach((one, at) => (one.id = at + 1));
  return built;
}

function panel({ kind, title, about, unit, width, queries, max, sort }) {
  const builder = new BUILDERS[kind]().title(title).description(about).datasource(PROMETHEUS).height(HEIGHT[kind]).span(width);
  if (unit !== undefined && kind !== 'heatmap') builder.unit(unit);
  // In a heat map the unit is that of the axis, and not of the counts.
  if (unit !== undefined && kind === 'heatmap') builder.yAxis(new heatmap.YAxisConfigBuilder().unit(unit));
  if (kind === 'series') builder.min(0).fillOpacity(10).showPoints(common.VisibilityMode.Auto).legend(legend());
  if (kind === 'series' && max !== undefined) builder.max(max);
  if (kind === 'stat') builder.noValue('0').graphMode(common.BigValueGraphMode.Area).colorMode(common.BigValueColorMode.Value);
  if (kind === 'stat') builder.thresholds(new sdk.ThresholdsConfigBuilder().mode(sdk.ThresholdsMode.Absolute).steps([{ value: null, color: 'text' }]));
  if (kind === 'table') builder.withTransformation({ id: 'merge', options: {} }).withTransformation({ id: 'organize', options: organized(queries) });
  if (kind === 'table' && sort !== undefined) builder.sortBy([new common.TableSortByFieldStateBuilder().displayName(sort).desc(true)]);
  // In a table every query has a column, and a unit of its own.
  if (kind === 'table') for (const { legend: name, unit: its } of queries) builder.overrideByName(name, [{ id: 'unit', value: its ?? 'short' }]);
  queries.forEach((one, at) => builder.withTarget(query(one, kind, String.fromCharCode(65 + at))));
  return builder;
}

function query({ expr, legend: name, exemplars }, kind, refId) {
  const builder = new prometheus.DataqueryBuilder().refId(refId).datasource(PROMETHEUS).expr(expr).legendFormat(name ?? '__auto');
  if (kind === 'table') return builder.instant().format(prometheus.PromQueryFormat.Table);
  if (kind === 'heatmap') return builder.range().format(prometheus.PromQueryFormat.Heatmap);
  return exemplars ? builder.range().exemplar(true) : builder.range();
}

/** Names of the columns: labels as people say them, and each query's by its legend. */
function organized(queries) {
  const labels = { spoor_spawn_role: 'Role', spoor_spawn_kind: 'Kind', process_executable_name: 'Executable', gen_ai_request_model: 'Model', error_type: 'Error', spoor_selector_name: 'Selector', spoor_selector_driver: 'Driver', spoor_selector_strategy: 'Strategy', spoor_export_writer: 'Writer', spoor_export_skip_reason: 'Reason', spoor_export_artifact_type: 'Artifact', spoor_export_outcome: 'Outcome', reason: 'Reason', job: 'Service', instance: 'Directory' };
  const values = Object.fromEntries(queries.map(({ legend: name }, at) => [queries.length === 1 ? 'Value' : `Value #${String.fromCharCode(65 + at)}`, name]));
  return { excludeByName: { Time: true }, renameByName: { ...labels, ...values } };
}

const legend = () => new common.VizLegendOptionsBuilder().displayMode(common.LegendDisplayMode.Table).placement(common.LegendPlacement.Bottom).showLegend(true).calcs(['lastNotNull', 'max']);

const variable = (name, label, definition) =>
  new sdk.QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query({ query: definition, refId: name })
    .refresh(sdk.VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });

const alerts = () =>
  new sdk.AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(PROMETHEUS)
    .enable(true)
    .iconColor('red')
    .expr('ALERTS{alertname=~"Spoor.*",alertstate="firing"}');
