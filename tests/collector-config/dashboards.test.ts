/** Grafana's dashboards, without Grafana. Their queries run on the real Prometheus in tests/backends. */
import { expect, it } from 'vitest';
import { ROOT, run } from '../support/program.ts';
import { configFiles, text, type Tree, unknownNames, yaml } from './files.ts';

const files = configFiles().filter((path) => path.startsWith('grafana/dashboards/'));
const dashboards: Tree[] = files.map((path) => JSON.parse(text(path)));
const panels: Tree[] = dashboards.flatMap(({ title: dashboard, panels: all }) => all.filter(({ type }: Tree) => type !== 'row').map((panel: Tree) => ({ ...panel, dashboard })));
const targets: Tree[] = panels.flatMap((panel) => panel.targets.map((target: Tree) => ({ ...target, panel: `${panel.dashboard}: ${panel.title}` })));

it('the committed dashboards are what the script makes', async () => {
  expect(await run(process.execPath, ['scripts/dashboards.js', '--check'], { cwd: ROOT })).toMatchObject({ code: 0, stderr: '' });
});

it('there is one for each area', () => {
  expect(files.map((path) => path.slice('grafana/dashboards/'.length))).toEqual(['exports.json', 'health.json', 'overview.json', 'selectors.json', 'spawns.json']);
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(files.length);
});

it.each(targets)('$panel, $refId: its names exist, and the variables filter it', ({ expr }) => {
  expect(unknownNames(expr)).toEqual([]);
  const selectors = [...expr.matchAll(/(?<!\w)(?:spoor|gen_ai)_\w+\{([^}]*)\}/g)];
  for (const [, filter] of selectors) expect(filter).toContain('job=~"$job",instance=~"$directory"');
  if (/(?<!\w)(?:spoor|gen_ai)_\w+_(?:seconds|bytes|total|usage|active)/.test(expr)) expect(selectors.length).toBeGreaterThan(0);
});

it('operations and attempts, which are a part of them, are never counted as one', () => {
  const exprs = [...targets.map(({ expr, panel }) => [panel, expr]), ...['recording', 'selectors'].flatMap((name) => yaml(`prometheus/rules/${name}.yml`).groups.flatMap(({ rules }: Tree) => rules.map(({ record, alert, expr }: Tree) => [record ?? alert, expr])))];
  const filters = exprs.flatMap(([where, expr]) => [...expr.matchAll(/spoor_selector_duration_seconds(\{[^}]*\})?/g)].map(([, filter = '']) => [where, filter]));
  expect(filters.length).toBeGreaterThan(15);
  expect(filters.filter(([, filter]) => !/spoor_selector_operation!?="attempt"/.test(filter))).toEqual([]);
});

it('every panel says what it shows, has a place of its own and an id', () => {
  for (const { title, panels: all } of dashboards) {
    expect(all.map(({ id }: Tree) => id)).toEqual(all.map((_: Tree, at: number) => at + 1));
    const places = new Set<string>();
    for (const { type, description, title: name, gridPos, targets: queries } of all) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, name, places.has(`${x} ${y}`)]).toEqual([title, name, false]);
          places.add(`${x} ${y}`);
        }
      }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      if (type === 'row') continue;
      expect([name, description?.length > 3, queries.length > 0]).toEqual([name, true, true]);
    }
  }
});

it('durations have exemplars, and an exemplar opens its trace in Jaeger', () => {
  const durations = targets.filter(({ expr, range }) => range && /histogram_quantile\(.*_duration_seconds/.test(expr));
  expect(durations.length).toBeGreaterThan(5);
  expect(durations.filter(({ exemplar }) => exemplar !== true).map(({ panel }) => panel)).toEqual([]);
  const { datasources } = yaml('grafana/provisioning/datasources/spoor.yaml');
  const byUid = new Map<string, Tree>(datasources.map((one: Tree) => [one.uid, one]));
  const [link] = byUid.get('spoor-prometheus').jsonData.exemplarTraceIdDestinations;
  expect([link.name, byUid.get(link.datasourceUid).type]).toEqual(['trace_id', 'jaeger']);
  for (const { datasource } of targets) expect(byUid.get(datasource.uid)?.type).toBe(datasource.type);
});
