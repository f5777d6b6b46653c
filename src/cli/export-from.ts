/** `spoor export --from`: what spoor has recorded, as an artifact. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileArtifact } from '../exports/artifact.ts';
import { counted } from '../report/words.ts';
import { Aside } from '../store/set-aside.ts';
import { tracedDirectoryOf } from './directory.ts';
import type { ExportFormat, ExportOptions, ExportSource } from './export.ts';
import { ledgerRows } from './recorded-ledger.ts';
import { hourOf, influxLinesOf } from './recorded-influx.ts';
import { type RecordedRequest, rollupRows } from './recorded-rollups.ts';
import { RowFile, TextFile } from './recorded-rows.ts';
import { spanRows } from './recorded-traces.ts';
import { CliError } from './terminal.ts';

const ENDINGS: Readonly<Record<ExportFormat, string>> = { json: 'json', csv: 'csv', markdown: 'md', influx: 'lp' };
const SOURCES = { rollups: rollupRows, traces: spanRows, ledger: ledgerRows } as const;

type RecordedOptions = Pick<ExportOptions, 'format' | 'since' | 'dir' | 'type' | 'metadata'>;

/** Written into a temporary file, which is gone when `use` is done with it. */
export async function withRecorded<T>(from: ExportSource, options: RecordedOptions, use: (artifact: FileArtifact) => T | Promise<T>): Promise<T> {
  if (options.format === 'influx' && from !== 'rollups') throw new CliError('export: --format influx is for --from rollups: line protocol holds numbers', 2);
  const folder = mkdtempSync(join(tmpdir(), 'spoor-export-'));
  try {
    return await use(recorded(from, folder, options));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recorded(from: ExportSource, folder: string, { format, since: asked, dir, type, metadata }: RecordedOptions): FileArtifact {
  const file = join(folder, `spoor-${from}.${ENDINGS[format]}`);
  const since = format === 'influx' ? hourOf(asked) : asked;
  const aside = new Aside();
  const request: RecordedRequest = { directory: tracedDirectoryOf(dir), since, aside };
  const rows = format === 'influx' ? lines(file, request) : table(file, from, format, request);
  for (const { file: bad, lines: count, because } of aside.list()) process.stderr.write(`spoor: set aside: ${bad}: ${count === undefined ? '' : `${counted(count, 'line')}, `}${because}\n`);
  return { name: `spoor-${from}.${ENDINGS[format]}`, file, type: type ?? from, metadata: { ...metadata, since: new Date(since).toISOString(), rows } };
}

function lines(file: string, request: RecordedRequest): number {
  const text = new TextFile(file);
  let count = 0;
  influxLinesOf(request, (line) => {
    text.write(`${line}\n`);
    count++;
  });
  text.close();
  return count;
}

function table(file: string, from: ExportSource, format: Exclude<ExportFormat, 'influx'>, request: RecordedRequest): number {
  const { columns, each } = SOURCES[from];
  const rows = new RowFile(file, format, columns);
  each(request, (row) => rows.add(row));
  rows.close();
  return rows.count;
}
