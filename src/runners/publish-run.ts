/** Publishes what a run of tests left. Whatever happens here, the run's status is the runner's affair. */
import { join, relative, sep } from 'node:path';
import { glob } from 'tinyglobby';
import type { Artifact } from '../exports/artifact.ts';
import { exports } from '../exports/exports.ts';
import type { PublishOptions, PublishResult } from '../exports/publish-options.ts';
import { exportSettings } from '../exports/settings.ts';
import { appendSummary } from '../exports/summary-file.ts';
import { log } from '../log.ts';
import { runtime } from '../runtime.ts';
import { runReport, type TestRun } from './run-report.ts';

export interface RunReporterOptions {
  /** Destinations, as in `exports.publish`. Default: `dir:spoor-report`. */
  readonly to?: PublishOptions['to'] | undefined;
  /** More files: globs relative to the working directory, such as `playwright-report/**`. */
  readonly files?: string | readonly string[] | undefined;
  /** What the publish is called. Default: the runner's name. */
  readonly name?: string | undefined;
  /** Whether the outcome is added to `GITHUB_STEP_SUMMARY`, where there is one. Default: true. */
  readonly summary?: boolean | undefined;
}

/** Never rejects; undefined when nothing could be published. */
export async function publishRun(run: TestRun, { to = 'dir:spoor-report', files = [], name = run.runner, summary = true }: RunReporterOptions): Promise<PublishResult | undefined> {
  try {
    // What this process has not written yet belongs to the run.
    await runtime()?.flush();
    const { json, markdown } = runReport(run, exportSettings().directory);
    const artifacts: Artifact[] = [
      { name: 'spoor-run.json', content: json, type: 'test-run' },
      { name: 'spoor-run.md', content: markdown, type: 'test-run' },
      ...(await found([files].flat())),
    ];
    const result = await exports.publish(artifacts, { to, name });
    if (summary && process.env.GITHUB_STEP_SUMMARY) appendSummary(process.env.GITHUB_STEP_SUMMARY, [result.manifest]);
    for (const problem of result.problems) log('warn', 'runners', 'publish_problem', `${run.runner}: ${problem}`);
    return result;
  } catch (error) {
    log('error', 'runners', 'publish_failed', `${run.runner}: the run could not be published: ${(error as Error).message}; its status is not affected`);
    return undefined;
  }
}

async function found(patterns: readonly string[]): Promise<Artifact[]> {
  if (patterns.length === 0) return [];
  const cwd = process.cwd();
  const paths = await glob([...patterns], { cwd, dot: true, onlyFiles: true, absolute: true });
  // What is outside of the working directory has no name below it.
  return paths
    .map((path) => ({ file: path, name: relative(cwd, path).split(sep).join('/') }))
    .filter(({ name }) => !name.startsWith('../'))
    .map(({ file, name }) => ({ file: join(file), name, type: 'test-file' }));
}
