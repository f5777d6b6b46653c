/** The report for a person at a terminal. */
import { aligned } from './aligned.ts';
import type { Notable } from './notable.ts';
import { errorsOf } from './report-rows.ts';
import { label, type SpawnGroup } from './spawn-groups.ts';
import type { SpawnReport } from './spawn-report.ts';
import { wilson } from './wilson.ts';
import { type Colors, clean, counted, duration, percent, time } from './words.ts';

export interface About {
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly colors: Colors;
}

interface Column {
  readonly title: string;
  readonly right?: boolean;
  readonly cell: (group: SpawnGroup) => string;
  /** Left out when no group has anything to say here. */
  readonly when?: (group: SpawnGroup) => boolean;
}

export function reportText(report: SpawnReport, { directory, since, colors }: About): string {
  const { groups } = report;
  const sum = (of: (group: SpawnGroup) => number): number => groups.reduce((total, group) => total + of(group), 0);
  const ended = sum((group) => group.ended);
  const failed = sum((group) => group.failed);
  const facts = [
    colors.bold(counted(ended, 'spawn')),
    failed > 0 ? colors.red(`${failed.toLocaleString('en-US')} failed`) : 'none failed',
    ...extra(sum, colors),
    `since ${time(since)}`,
  ];
  return `${[
    facts.join(' · '),
    colors.dim(directory),
    '',
    table(groups, colors),
    ...legend(groups).map((line) => colors.dim(line)),
    ...section('Slowest', report.slowest, colors),
    ...section('Last that failed', report.lastFailures, colors),
    ...notes(report, colors),
  ].join('\n')}\n`;
}

function extra(sum: (of: (group: SpawnGroup) => number) => number, colors: Colors): string[] {
  const blocked = sum((group) => group.blocked);
  const abandoned = sum((group) => group.abandoned);
  const running = sum((group) => group.running);
  return [
    ...(blocked > 0 ? [`${blocked} blocked`] : []),
    ...(abandoned > 0 ? [colors.yellow(`${abandoned} abandoned`)] : []),
    ...(running > 0 ? [colors.cyan(`${running} running`)] : []),
  ];
}

function table(groups: readonly SpawnGroup[], colors: Colors): string {
  const columns: Column[] = [
    { title: 'spawned', cell: ({ what }) => clean(label(what), 32) },
    { title: 'role', cell: ({ what }) => clean(what.role ?? '–', 24), when: ({ what }) => what.role !== undefined },
    { title: 'model', cell: ({ what }) => clean(what.model ?? '–', 32), when: ({ what }) => what.model !== undefined },
    { title: 'count', right: true, cell: (group) => group.ended.toLocaleString('en-US') },
    { title: 'success', right: true, cell: (group) => rate(group, colors) },
    { title: '95% interval', cell: interval },
    { title: 'failed', cell: (group) => failures(group, colors), when: (group) => group.failed > 0 },
    { title: 'blocked', right: true, cell: (group) => String(group.blocked), when: (group) => group.blocked > 0 },
    { title: 'abandoned', right: true, cell: (group) => String(group.abandoned), when: (group) => group.abandoned > 0 },
    { title: 'running', right: true, cell: (group) => String(group.running), when: (group) => group.running > 0 },
    { title: 'p50', right: true, cell: seconds(0.5) },
    { title: 'p95', right: true, cell: seconds(0.95) },
    { title: 'p99', right: true, cell: seconds(0.99) },
    { title: 'total', right: true, cell: (group) => (group.ended === 0 ? '–' : duration(group.durations.sum)) },
  ];
  const shown = columns.filter(({ when }) => when === undefined || groups.some(when));
  return aligned(
    shown.map(({ title }) => colors.dim(title)),
    groups.map((group) => shown.map(({ cell }) => cell(group))),
    shown.map(({ right }) => right === true),
  );
}

const seconds =
  (q: number) =>
  (group: SpawnGroup): string =>
    duration(group.durations.quantile(q));

function rate(group: SpawnGroup, colors: Colors): string {
  const found = wilson(group.succeeded, group.ended);
  if (found === undefined) return '–';
  return group.failed > 0 ? colors.yellow(percent(found.rate)) : percent(found.rate);
}

function interval(group: SpawnGroup): string {
  const found = wilson(group.succeeded, group.ended);
  return found === undefined ? '–' : `${percent(found.low)} – ${percent(found.high)}`;
}

function failures(group: SpawnGroup, colors: Colors): string {
  if (group.failed === 0) return '–';
  const types = errorsOf(group);
  const named = types.slice(0, 3).map(([type, count]) => `${count} ${clean(type, 40)}`);
  if (types.length > 3) named.push(`${types.length - 3} other types`);
  return colors.red(named.join(', '));
}

/** Says what the rate leaves out, since other tools count it in. */
function legend(groups: readonly SpawnGroup[]): string[] {
  const isOpen = groups.some((group) => group.running > 0 || group.abandoned > 0);
  return isOpen ? ['The success rate is of those that ended; running and abandoned ones are not in it.'] : [];
}

function section(title: string, notables: readonly Notable[], colors: Colors): string[] {
  if (notables.length === 0) return [];
  const rows = notables.map((one) => [
    duration(one.seconds),
    [label(one), one.role, one.model].filter((part) => part !== undefined).map((part) => clean(part, 32)).join(' '),
    one.verdict === 'succeeded' ? 'ok' : colors.red(clean(one.errorType ?? one.verdict, 40)),
    time(one.end),
    colors.dim(clean(one.traceId)),
  ]);
  return ['', colors.bold(title), aligned(undefined, rows, [true])];
}

function notes({ setAside, dropped, fromTraces }: SpawnReport, colors: Colors): string[] {
  const lines: string[] = [];
  if (fromTraces > 0) lines.push(colors.dim(`${counted(fromTraces, 'spawn')} counted from traces: the process was killed, or still runs.`));
  for (const { file, lines: count, because } of setAside) {
    lines.push(colors.yellow(`Set aside: ${clean(file, 200)}: ${count === undefined ? '' : `${counted(count, 'line')}, `}${clean(because)}`));
  }
  for (const [reason, count] of Object.entries(dropped)) {
    if (count > 0) lines.push(colors.yellow(`Dropped when recording: ${counted(count, 'item')}, ${clean(reason)}`));
  }
  return lines.length > 0 ? ['', ...lines] : [];
}
