/** What `spoor traces` does. */
import type { ReadOptions } from '../store/read.ts';
import { Aside } from '../store/set-aside.ts';
import { traceJson } from '../report/trace-json.ts';
import { tracesText, traceText } from '../report/trace-text.ts';
import { findTraces, latestTraces } from '../report/traces.ts';
import { clean, counted } from '../report/words.ts';
import { directoryOf } from './directory.ts';
import { noTraces, nothingSince } from './nothing.ts';
import { CliError, colors, print, Progress } from './terminal.ts';
import type { TracesOptions } from './traces.ts';

export function listTraces({ since, limit, failed, json, dir }: TracesOptions): void {
  const directory = directoryOf(dir);
  const { traces, more, aside } = reading(directory, (read) => latestTraces(read, { since, limit, failedOnly: failed === true }));
  if (json) print(JSON.stringify({ directory, traces: traces.map((trace) => traceJson(trace, { withSpans: false })), more, set_aside: aside.list() }, null, 2));
  else if (traces.length === 0) print((aside.list().length === 0 ? noTraces(directory) : undefined) ?? nothingSince(`No ${failed ? 'failed ' : ''}traces`, since));
  else print(tracesText(traces, more, colors(process.stdout)));
  if (!json) sayAside(aside);
}

export function showTraces(id: string, { since, json, dir }: TracesOptions): void {
  const directory = directoryOf(dir);
  const { aside, ...found } = reading(directory, (read) => findTraces(read, since, id));
  if ('ambiguous' in found) {
    throw new CliError(`${found.ambiguous.length} traces begin with ${clean(id)}; give more of the id:`, 1, found.ambiguous.slice(0, 10).map((one) => `  ${clean(one)}`));
  }
  const { traces } = found;
  if (traces.length === 0) {
    throw new CliError(noTraces(directory) ?? `No trace in ${directory} has the id or the correlation id ${clean(id, 128)}. \`spoor traces\` lists the latest.`);
  }
  if (json) print(JSON.stringify({ directory, traces: traces.map((trace) => traceJson(trace, { withSpans: true })), set_aside: aside.list() }, null, 2));
  else print(traces.map((trace) => traceText(trace, colors(process.stdout))).join('\n'));
  if (!json) sayAside(aside);
}

function reading<T>(directory: string, find: (read: ReadOptions) => T): T & { aside: Aside } {
  const aside = new Aside();
  const progress = new Progress();
  const found = find({ directory, aside, onBytes: progress.onBytes });
  progress.done();
  return { ...found, aside };
}

function sayAside(aside: Aside): void {
  for (const { file, lines, because } of aside.list()) {
    process.stderr.write(`spoor: set aside: ${clean(file, 200)}: ${lines === undefined ? '' : `${counted(lines, 'line')}, `}${clean(because)}\n`);
  }
}
