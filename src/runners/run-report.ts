/** What a run of tests came to, and what spoor saw of it: as data and as Markdown. */
import { ATTR } from '../conventions.ts';
import { markdownRows, markdownText } from '../exports/markdown.ts';
import { plainAttributes, type PlainAttributes, text } from '../report/otlp.ts';
import { row as spawnRow } from '../report/report-rows.ts';
import { markdown as spawnMarkdown } from '../report/report-tables.ts';
import { selectorReport } from '../report/selector-report.ts';
import { selectorMarkdown } from '../report/selector-report-tables.ts';
import { selectorRows } from '../report/selector-rows.ts';
import { spawnReport } from '../report/spawn-report.ts';
import { decode, type FullSpan, parseTraceLine } from '../report/trace-line.ts';
import { readRollups, readSpans } from '../report/window.ts';
import { Aside } from '../store/set-aside.ts';

export interface TestResult {
  /** Its titles, from the outermost, such as `cart › adds an item`. */
  readonly title: string;
  readonly file: string | undefined;
  readonly status: 'passed' | 'failed' | 'skipped' | 'flaky';
  readonly seconds: number;
}

/** One run, as its runner tells it. */
export interface TestRun {
  readonly runner: string;
  /** In the runner's word. */
  readonly status: string;
  /** Epoch milliseconds. */
  readonly began: number;
  readonly ended: number;
  readonly tests: readonly TestResult[];
}

/** An attempt of a test that failed, and its trace: for `spoor traces <id>`. */
export interface FailingTrace {
  readonly test: string;
  readonly file: string | undefined;
  readonly retry: number;
  readonly errorType: string | undefined;
  readonly traceId: string;
}

/** So many failing traces are listed. */
const MOST = 1_000;

/** The attempts that failed since then, from the traces on disk. */
function failingTraces(directory: string, since: number): FailingTrace[] {
  const found: FailingTrace[] = [];
  const read = { directory, aside: new Aside() };
  const see = ({ span }: FullSpan, attributes: PlainAttributes): void => {
    if (attributes[ATTR.TEST_CASE_RESULT_STATUS] !== 'fail' || found.length >= MOST) return;
    found.push({
      test: text(attributes[ATTR.TEST_CASE_NAME]) ?? span.name,
      file: text(attributes[ATTR.CODE_FILE_PATH]),
      retry: Number(attributes[ATTR.TEST_RETRY] ?? 0),
      errorType: text(attributes[ATTR.ERROR_TYPE]),
      traceId: span.traceId,
    });
  };
  readSpans(read, since, readRollups(read, { since }), {
    attribute: ATTR.TEST_CASE_NAME,
    quick: ({ text: line, from }) => {
      if (!line.includes(`"key":"${ATTR.ERROR_TYPE}"`, from)) return;
      const full = parseTraceLine(decode(line))?.[0];
      if (full) see(full, plainAttributes(full.span.attributes));
    },
    full: see,
  });
  return found;
}

export interface RunReport {
  readonly json: string;
  readonly markdown: string;
  readonly traces: readonly FailingTrace[];
}

export function runReport(run: TestRun, directory: string): RunReport {
  const traces = failingTraces(directory, run.began);
  const spawns = spawnReport({ directory, since: run.began });
  const selectors = selectorReport({ directory, since: run.began, now: run.ended, top: 5, onBytes: () => {} });
  const count = (status: TestResult['status']): number => run.tests.filter((test) => test.status === status).length;
  const counts = { passed: count('passed'), failed: count('failed'), flaky: count('flaky'), skipped: count('skipped') };
  const failed = run.tests.filter(({ status }) => status === 'failed' || status === 'flaky');
  const json = {
    schemaVersion: 1,
    runner: run.runner,
    status: run.status,
    startedAt: new Date(run.began).toISOString(),
    endedAt: new Date(run.ended).toISOString(),
    counts,
    failed,
    traces,
    spawns: spawns.groups.map(spawnRow),
    selectors: selectorRows(selectors),
  };
  const facts = Object.entries(counts).flatMap(([name, number]) => (number > 0 ? [`${number} ${name}`] : []));
  const parts = [`# ${markdownText(run.runner)}: ${markdownText(run.status)}\n\n${[...facts, `${((run.ended - run.began) / 1_000).toFixed(1)} s`].join(' · ')}\n`];
  if (failed.length > 0) parts.push(`## Failed\n\n${markdownRows(['Test', 'File', 'Status', 'Seconds'], failed.map(({ title, file = '', status, seconds }) => [markdownText(title), markdownText(file), status, seconds.toFixed(2)]))}`);
  if (traces.length > 0) parts.push(`## Their traces\n\n${markdownRows(['Test', 'Attempt', 'Error', 'Trace'], traces.map(({ test, retry, errorType = '', traceId }) => [markdownText(test), String(retry + 1), markdownText(errorType), `\`${traceId.replace(/\W/g, '')}\``]))}`);
  if (spawns.groups.length > 0) parts.push(`## Spawned\n\n${spawnMarkdown(spawns.groups.map(spawnRow))}`);
  if (selectors.operations > 0) parts.push(`## Selectors\n\n${selectorMarkdown(selectors)}`);
  return { json: `${JSON.stringify(json, null, 2)}\n`, markdown: parts.join('\n'), traces };
}
