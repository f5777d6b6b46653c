/** The step summary: added by `spoor export`, and made of several manifests by `spoor export summary`. */
import { join } from 'node:path';
import type { Manifest } from '../exports/manifest.ts';
import { azureCommand, ciCommands } from '../exports/providers/ci-commands.ts';
import { MAX_SUMMARY_BYTES, appendSummary } from '../exports/summary-file.ts';
import { exportSummary } from '../exports/summary.ts';
import { counted } from '../report/words.ts';
import { makeDirectory } from '../store/layout.ts';
import type { SummaryOptions } from './export.ts';
import { CliError, print } from './terminal.ts';

/** Where the CI has a summary, this publish is added to it; a summary that cannot be written is said, and no more. */
export function addStepSummary(manifests: readonly Manifest[]): void {
  try {
    const { env } = process;
    if (env.GITHUB_STEP_SUMMARY) {
      tellCut(appendSummary(env.GITHUB_STEP_SUMMARY, manifests));
      return;
    }
    const say = ciCommands();
    const folder = env.AGENT_TEMPDIRECTORY;
    if (!env.TF_BUILD || !folder || say === undefined) return;
    // The agent reads the file after us: one for each publish.
    makeDirectory(join(folder, 'spoor-export'), 0o777);
    const path = join(folder, 'spoor-export', `${manifests[0]!.runId}.md`);
    tellCut(appendSummary(path, manifests));
    say(azureCommand('task.uploadsummary', {}, path));
  } catch (error) {
    process.stderr.write(`spoor: the step summary could not be written: ${(error as Error).message}\n`);
  }
}

export async function summarize(paths: readonly string[], { to = process.env.GITHUB_STEP_SUMMARY }: SummaryOptions): Promise<void> {
  const { manifestPathOf, readManifest } = await import('../exports/manifest-file.ts');
  const { readPiped } = await import('../exports/read-file.ts');
  const manifests: Manifest[] = [];
  for (const path of paths) {
    try {
      manifests.push(await readManifest(await manifestPathOf(path), readPiped));
    } catch (error) {
      throw new CliError(`summary: ${path}: ${(error as Error).message}`, 2);
    }
  }
  if (to) tellCut(appendSummary(to, manifests));
  else print(exportSummary(manifests, MAX_SUMMARY_BYTES).text);
}

function tellCut(rows: number): void {
  if (rows > 0) process.stderr.write(`spoor: ${counted(rows, 'row')} had no place in the step summary; all are in the manifest\n`);
}
