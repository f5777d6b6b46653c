/** What `spoor export append` does. */
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText } from '../exports/faults.ts';
import { appendTo } from '../exports/journal.ts';
import { safeName } from '../exports/names.ts';
import { readChunks } from '../exports/read-file.ts';
import { MANIFEST, prefixFrom } from '../exports/run-files.ts';
import type { AppendOptions } from './export.ts';
import { CliError } from './terminal.ts';

/** As the manifest's schema has it; half of an address or an id is none. */
const MAX_TEXT = 16_384;

export async function appendResult(options: AppendOptions): Promise<void> {
  const run = options.run ?? process.env.SPOOR_EXPORT_RUN;
  if (run === undefined) throw new CliError('append: to which publish? Give --run, the folder of its manifest', 2);
  const { artifact: named, writer, status, skippedReason, errorCode, exitCode, error, url, remoteId } = options;
  for (const [option, text = ''] of [['url', url], ['remote-id', remoteId]]) if (text.length > MAX_TEXT) throw new CliError(`append: --${option} has ${text.length} characters; a manifest holds at most ${MAX_TEXT}`, 2);
  const startedAt = new Date().toISOString();
  try {
    const artifact = safeName(named);
    const manifestPath = statSync(run).isDirectory() ? join(run, MANIFEST) : run;
    const file = options.file === undefined ? undefined : await digestOf(options.file);
    appendTo(manifestPath, [
      {
        type: 'result',
        artifact,
        ...(file && { size: file.size, sha256: file.sha256 }),
        result: {
          writer,
          target: writer,
          chain: -1,
          status,
          ...(status === 'skipped' && { skippedReason: skippedReason ?? 'unavailable' }),
          ...(status === 'failed' && { errorCode: errorCode ?? 'failed' }),
          ...(exitCode !== undefined && { exitCode }),
          ...(error !== undefined && { error: errorText(error) }),
          ...(file && { bytes: file.size, sha256: file.sha256 }),
          startedAt,
          durationMs: 0,
          attempts: 1,
          ...(url !== undefined && { url }),
          ...(remoteId !== undefined && { remoteId }),
          ...(file && { path: prefixFrom(dirname(manifestPath), dirname(options.file!)) + basename(options.file!) }),
        },
      },
    ]);
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException;
    if (code === 'bad_name') throw new CliError(`append: ${message}`, 2);
    throw new CliError(`append: ${code === 'ENOENT' ? `there is no publish at ${run}, or no file ${options.file ?? ''}` : message}`, code === 'ENOENT' || code === 'no_run' ? 2 : 1);
  }
}

async function digestOf(path: string): Promise<{ readonly size: number; readonly sha256: string }> {
  let found: { readonly size: number; readonly sha256: string } | undefined;
  const reading = readChunks(path, { most: Infinity, onEnd: (read) => (found = read) });
  while (!(await reading.next()).done);
  return found!;
}
