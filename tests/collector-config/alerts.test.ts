/** Prometheus's rules: all that an alert must have, and names that exist. What promtool says is in tests/backends. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, run } from '../support/program.ts';
import { CONFIG, text, type Tree, unknownNames, yaml } from './files.ts';

const ruleFiles = readdirSync(join(CONFIG, 'prometheus/rules')).map((name) => `prometheus/rules/${name}`);
const rules: Tree[] = ruleFiles.flatMap((path) => yaml(path).groups.flatMap((group: Tree) => group.rules));
const alerts = rules.filter((rule) => rule.alert !== undefined);
const recorded = new Set<string>(rules.flatMap((rule) => rule.record ?? []));
const tests: Tree[] = readdirSync(join(CONFIG, 'prometheus/tests')).flatMap((name) => yaml(`prometheus/tests/${name}`).tests);
const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
const section = (name: string): string | undefined => runbook.split(/^## /m).find((one) => one.startsWith(`${name}\n`));

it('there is an alert for all that was promised', () => {
  expect(alerts.map(({ alert }) => alert).sort()).toEqual(
    [
      'SpoorSpawnFailuresFast', 'SpoorSpawnFailuresSteady', 'SpoorSpawnFailuresSlow', 'SpoorSpawnSlow', 'SpoorAgentSuccessDrop', 'SpoorModelSuccessDrop',
      'SpoorSpawnsAbandoned', 'SpoorSelectorFailures', 'SpoorSelectorFallbackRise', 'SpoorSelectorDriftRise', 'SpoorExportFailure', 'SpoorExportCommandNotFound',
      'SpoorNothingHeard', 'SpoorTelemetryDropped', 'SpoorUnsentGrowing', 'SpoorUnsentOld', 'SpoorCollectorQueueFilling', 'SpoorCollectorDown',
    ].sort(),
  );
});

it.each(alerts)('$alert: severity, for, summary, description, and a section of the runbook that its link names', (rule) => {
  expect(rule).toMatchObject({ for: expect.stringMatching(/^\d+[smh]$/), labels: { severity: expect.stringMatching(/^(page|ticket)$/) } });
  expect(rule.annotations.summary.length).toBeGreaterThan(20);
  expect(rule.annotations.description.length).toBeGreaterThan(rule.annotations.summary.length / 2);
  expect(rule.annotations.runbook_url).toBe(`{{ $externalURL }}/consoles/runbook.html#${rule.alert.toLowerCase()}`);
  expect(text('prometheus/consoles/runbook.html')).toContain(`id="${rule.alert.toLowerCase()}"`);
  const words = section(rule.alert);
  for (const part of ['**What it means.**', '**Look.**', '```promql', '```sh', '**Do.**', '**Silence.**', `amtool silence add alertname=${rule.alert} `, '--alertmanager.url=']) expect(words).toContain(part);
});

it('the runbook has no section of an alert that is not there, and no query with a name that is not', () => {
  expect([...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  for (const [, query] of runbook.matchAll(/```promql\n([\s\S]*?)```/g)) expect(unknownNames(query!)).toEqual([]);
});

it.each(alerts)('$alert has a test in which it fires and one in which it does not', ({ alert }) => {
  const cases = tests.flatMap((test) => (test.alert_rule_test ?? []).filter((one: Tree) => one.alertname === alert).map((one: Tree) => ({ name: test.name, fires: one.exp_alerts.length > 0 })));
  expect(cases.some(({ name, fires }) => fires && name.includes(`${alert} `) && / fires? /.test(name))).toBe(true);
  expect(cases.some(({ name, fires }) => !fires && name.includes(`${alert} `) && /not fire|is over/.test(name))).toBe(true);
});

it('rules use metrics and labels that are recorded, and records that are made', () => {
  expect(rules.map(({ alert, record, expr }) => [alert ?? record, unknownNames(expr, recorded)]).filter(([, unknown]) => unknown!.length > 0)).toEqual([]);
  // And the check sees what is wrong.
  expect(unknownNames('sum by (spoor_spawn_rle) (rate(spoor_spawn_duration_second[5m]))')).toEqual(['spoor_spawn_rle', 'spoor_spawn_duration_second']);
  expect(unknownNames('job:spoor_spawn_failures:ratio_rate9m > 1', recorded)).toEqual(['job:spoor_spawn_failures:ratio_rate9m']);
});

it('every record is used by an alert or a panel', () => {
  const used = [...alerts.map(({ expr }) => expr), ...readdirSync(join(CONFIG, 'grafana/dashboards')).map((name) => text(`grafana/dashboards/${name}`))].join('\n');
  expect([...recorded].filter((name) => !used.includes(name))).toEqual([]);
});

it("the page that Prometheus serves is the runbook's, and no template", async () => {
  expect(await run(process.execPath, ['scripts/runbook.js', '--check'], { cwd: ROOT })).toMatchObject({ code: 0, stderr: '' });
  expect(text('prometheus/consoles/runbook.html')).not.toContain('{{');
});

it('Alertmanager: severities have a route, and inhibitions name alerts that exist', () => {
  const { route, receivers, inhibit_rules } = yaml('alertmanager/alertmanager.yml');
  const names = receivers.map(({ name }: Tree) => name);
  for (const used of [route.receiver, ...route.routes.map(({ receiver }: Tree) => receiver)]) expect(names).toContain(used);
  for (const { source_matchers, target_matchers } of inhibit_rules) {
    for (const matcher of [...source_matchers, ...target_matchers]) {
      const [, operator, pattern] = /^alertname(=~?)"(.*)"$/.exec(matcher)!;
      const found = alerts.filter(({ alert }) => (operator === '=' ? alert === pattern : new RegExp(`^(?:${pattern})$`).test(alert)));
      expect([matcher, found.length > 0]).toEqual([matcher, true]);
    }
  }
});
