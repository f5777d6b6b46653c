/** The report on selectors for a person at a terminal. */
import { aligned } from './aligned.ts';
import type { About } from './report-text.ts';
import { MIN_OPERATIONS, WEIGHTS } from './selector-health.ts';
import type { SelectorReport } from './selector-report.ts';
import { type SelectorRow, selectorRows } from './selector-rows.ts';
import type { Dimension } from './selector-stats.ts';
import { type Colors, clean, counted, duration, percent, time } from './words.ts';

/** Rows of one table; the other formats have all of them. */
const SHOWN = 25;

interface Column {
  readonly title: string;
  readonly right?: boolean;
  readonly cell: (row: SelectorRow) => string;
  /** Left out when no row has anything to say here. */
  readonly when?: (row: SelectorRow) => boolean;
}

export function selectorText(report: SelectorReport, { directory, since, colors }: About): string {
  const rows = selectorRows(report);
  const facts = [colors.bold(counted(report.operations, 'selector operation')), report.failed > 0 ? colors.red(`${report.failed.toLocaleString('en-US')} failed`) : 'none failed', `since ${time(since)}`];
  return `${[
    facts.join(' · '),
    colors.dim(directory),
    ...table('Selectors, the least healthy first', 'selector', rows, colors),
    ...(rows.some(({ by }) => by === 'selector') ? [colors.dim(LEGEND)] : []),
    ...table('Strategies', 'strategy', rows, colors),
    ...table('Drivers', 'driver', rows, colors),
    ...table('Pages', 'page', rows, colors),
    ...(rows.some(({ from }) => from === 'traces') ? [colors.dim('* from traces: operations without a span are not in it, nor those of traces that were not sampled.')] : []),
    ...lists(report, colors),
    ...notes(report, colors),
  ].join('\n')}\n`;
}

const LEGEND = `Health, 0 to 100: ${Object.entries(WEIGHTS).map(([part, weight]) => `${part} ${weight * 100}%`).join(', ')}, of what is known; 0: dead; –: fewer than ${MIN_OPERATIONS} operations.`;

function table(title: string, by: Dimension, all: readonly SelectorRow[], colors: Colors): string[] {
  const rows = all.filter((row) => row.by === by);
  if (rows.length === 0) return [];
  const seconds = (pick: (row: SelectorRow) => number | null) => (row: SelectorRow) => (pick(row) === null ? '–' : duration(pick(row)!));
  const columns: Column[] = [
    { title: by, cell: ({ name, from }) => clean(name, 40) + (from === 'traces' ? '*' : '') },
    { title: 'health', right: true, cell: ({ health }) => (health === null ? '–' : shade(health, colors)), when: () => by === 'selector' },
    { title: 'count', right: true, cell: ({ count }) => count.toLocaleString('en-US') },
    { title: 'success', right: true, cell: ({ success_rate: rate, failed }) => (rate === null ? '–' : failed > 0 ? colors.yellow(percent(rate)) : percent(rate)) },
    { title: '95% interval', cell: ({ success_rate_low: low, success_rate_high: high }) => (low === null || high === null ? '–' : `${percent(low)} – ${percent(high)}`) },
    { title: 'failed', cell: (row) => failures(row, colors), when: ({ failed }) => failed > 0 },
    { title: 'fallbacks', right: true, cell: ({ fallbacks }) => String(fallbacks), when: ({ fallbacks }) => fallbacks > 0 },
    { title: 'drift', right: true, cell: ({ drift_mean: drift }) => (drift === null ? '–' : drift.toFixed(2)), when: ({ drift_mean: drift }) => drift !== null },
    { title: 'retries', right: true, cell: ({ retries }) => String(retries), when: ({ retries }) => retries > 0 },
    { title: 'confidence', right: true, cell: confidence, when: (row) => confidence(row) !== '–' },
    { title: 'p50', right: true, cell: seconds((row) => row.p50_seconds) },
    { title: 'p95', right: true, cell: seconds((row) => row.p95_seconds) },
    { title: 'p95 before', right: true, cell: seconds((row) => row.p95_before_seconds), when: (row) => row.p95_before_seconds !== null },
    { title: 'findings', cell: (row) => finding(row, colors), when: ({ findings }) => findings.length > 0 },
  ];
  const shown = columns.filter(({ when }) => when === undefined || rows.some(when));
  const text = aligned(shown.map((column) => colors.dim(column.title)), rows.slice(0, SHOWN).map((row) => shown.map(({ cell }) => cell(row))), shown.map(({ right }) => right === true));
  return ['', colors.bold(title), text, ...(rows.length > SHOWN ? [colors.dim(`… and ${rows.length - SHOWN} more: --format csv has all of them`)] : [])];
}

function shade(health: number, colors: Colors): string {
  const text = health.toFixed(0);
  return health < 50 ? colors.red(text) : health < 80 ? colors.yellow(text) : colors.green(text);
}

function failures({ failed, errors }: SelectorRow, colors: Colors): string {
  if (failed === 0) return '–';
  const types = Object.entries(errors);
  const named = types.slice(0, 2).map(([type, count]) => `${count} ${clean(type, 40)}`);
  if (types.length > 2) named.push(`${types.length - 2} other types`);
  return colors.red(named.join(', '));
}

/** What the app reported; an estimate has a tilde. */
function confidence({ confidence_reported: reported, confidence_estimated: estimated }: SelectorRow): string {
  if (reported !== null) return reported.toFixed(2);
  return estimated === null ? '–' : `~${estimated.toFixed(2)}`;
}

function finding({ findings, found_something_else: elsewhere }: SelectorRow, colors: Colors): string {
  return findings.map((one) => (one === 'dead' ? colors.red(one) : one === 'too few' ? colors.dim(one) : colors.yellow(one.startsWith('found') ? `${one} (${elsewhere} ×)` : one))).join(', ') || '–';
}

function lists({ slowest, mostAmbiguous, notUsedAgain }: SelectorReport, colors: Colors): string[] {
  const list = (title: string, rows: string[][]): string[] => (rows.length === 0 ? [] : ['', colors.bold(title), aligned(undefined, rows, [true])]);
  return [
    ...list('Slowest', slowest.map(({ seconds, operation, name, strategy, errorType, end, traceId }) => [
      duration(seconds),
      clean(operation, 24),
      clean(name, 40),
      clean(strategy ?? '–', 24),
      errorType === undefined ? 'ok' : colors.red(clean(errorType, 40)),
      time(end),
      colors.dim(clean(traceId)),
    ])),
    ...list('Most ambiguous', mostAmbiguous.map(({ name, ambiguous, count }) => [percent(ambiguous / count), clean(name, 40), `${ambiguous} of ${count} found several elements`])),
    ...list('Not used again', notUsedAgain.map(({ name, count, lastUsed }) => [time(lastUsed), clean(name, 40), counted(count, 'operation')])),
  ];
}

function notes({ setAside, dropped, fromTraces, folded }: SelectorReport, colors: Colors): string[] {
  const lines: string[] = [];
  if (folded > 0) lines.push(colors.yellow(`Folded: ${counted(folded, 'operation')} on more selectors than are told apart; they have no row. SPOOR_MAX_SERIES raises the number.`));
  if (fromTraces > 0) lines.push(colors.dim(`${counted(fromTraces, 'operation')} counted from traces: the process was killed, or still runs.`));
  for (const { file, lines: count, because } of setAside) lines.push(colors.yellow(`Set aside: ${clean(file, 200)}: ${count === undefined ? '' : `${counted(count, 'line')}, `}${clean(because)}`));
  for (const [reason, count] of Object.entries(dropped)) if (count > 0) lines.push(colors.yellow(`Dropped when recording: ${counted(count, 'item')}, ${clean(reason)}`));
  return lines.length > 0 ? ['', ...lines] : [];
}
