import { csv, markdown } from '../report/report-tables.ts';
import { reportJson, row } from '../report/report-rows.ts';
import { reportText } from '../report/report-text.ts';
import { spawnReport } from '../report/spawn-report.ts';
import { directoryOf, NOTHING_RECORDED } from './directory.ts';
import { colors, print, Progress } from './terminal.ts';

interface Options {
  readonly since: number;
  readonly format: 'text' | 'json' | 'csv' | 'markdown';
  readonly top: number;
  readonly dir?: string;
}

export function report({ since, format, top, dir }: Options): void {
  const directory = directoryOf(dir);
  const progress = new Progress();
  const found = spawnReport({ directory, since, top, onBytes: progress.onBytes });
  progress.done();
  if (format === 'json') print(JSON.stringify(reportJson(found, { directory, since, now: Date.now() }), null, 2));
  else if (format === 'csv') print(csv(found.groups.map(row)));
  else if (format === 'markdown') print(markdown(found.groups.map(row)));
  else if (found.empty) print(NOTHING_RECORDED(directory));
  else if (found.groups.length === 0 && found.setAside.length === 0) print(`Nothing was spawned since ${new Date(since).toISOString()}. Look further back with --since 7d.`);
  else print(reportText(found, { directory, since, colors: colors(process.stdout) }));
}
