/** What `spoor report` does. */
import { directoryOf } from './directory.ts';
import { REPORT_KINDS, type ReportKind } from './report-kinds.ts';
import { colors, print, Progress } from './terminal.ts';

interface Options {
  readonly since: number;
  readonly kind: ReportKind;
  readonly format: 'text' | 'json' | 'csv' | 'markdown';
  readonly top: number;
  readonly dir?: string;
}

export async function report({ since, kind, format, top, dir }: Options): Promise<void> {
  const view = await REPORT_KINDS[kind]();
  const progress = new Progress();
  const found = view({ directory: directoryOf(dir), since, now: Date.now(), top, onBytes: progress.onBytes });
  progress.done();
  if (format === 'json') print(JSON.stringify(found.json(), null, 2));
  else if (format === 'text') print(found.nothing ?? found.text(colors(process.stdout)));
  else print(found[format]());
}
