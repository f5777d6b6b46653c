/**
 * Buildkite: its agent uploads what `buildkite-agent artifact upload` is given, paths and patterns separated by
 * semicolons, relative to the working directory; the path is the artifact's name.
 */
import { join } from 'node:path';
import type { ReadyArtifact } from '../artifact.ts';
import { LONG_TIMEOUT, timeoutOf } from '../attempt.ts';
import { toldApart } from '../names.ts';
import { runCommand } from '../run-command.ts';
import type { WriteContext, WriteResult, Writer } from '../writer.ts';

export interface BuildkiteOptions {
  /** Default: `buildkite-agent`, found by `PATH`. */
  readonly agent?: string;
  /** Milliseconds. Default: 10 minutes. */
  readonly timeout?: number | undefined;
}

/** One argument of a program may be 128 KiB. */
const LONGEST_ARGUMENT = 60_000;

export function buildkiteWriter({ agent = 'buildkite-agent', timeout }: BuildkiteOptions = {}): Writer {
  return {
    id: 'buildkite',
    timeout: timeoutOf(timeout, LONG_TIMEOUT),
    concurrency: 1,
    async writeAll(artifacts, context) {
      const folder = join(await context.temporaryDirectory(), 'buildkite');
      const names = await place(artifacts, folder);
      const results: WriteResult[] = [];
      for (const batch of batches(names)) {
        const result = await upload(agent, batch, folder, context);
        // A command that is not there is not asked for again.
        if (result.status === 'skipped') return result;
        for (const _ of batch) results.push(result);
      }
      return results;
    },
  };
}

async function upload(agent: string, names: readonly string[], cwd: string, context: WriteContext): Promise<WriteResult> {
  const result = await runCommand([agent, 'artifact', 'upload', names.join(';')], { cwd, env: context.environment(), signal: context.signal });
  if (result.status !== 'written') return result;
  // The agent exits with 0 when it found nothing, and says so.
  const found = /No files matched/i.test(result.output ?? '') ? 0 : Number(/Found (\d+) files? that match/i.exec(result.output ?? '')?.[1] ?? names.length);
  if (found >= names.length) return result;
  return { ...result, status: 'failed', errorCode: 'incomplete', error: `buildkite-agent found ${found} of ${names.length} files` };
}

/** The agent takes names for patterns: what has a meaning in one is replaced; names that become the same are told apart. */
async function place(artifacts: readonly ReadyArtifact[], folder: string): Promise<string[]> {
  const names = toldApart(artifacts.map(({ name }) => buildkiteName(name)));
  for (const [i, artifact] of artifacts.entries()) await artifact.placeIn(folder, names[i]!);
  return names;
}

export function buildkiteName(name: string): string {
  // oxlint-disable-next-line no-control-regex
  const safe = name.replace(/[*?[\]{};,\\!~\u0000-\u001f\u007f]+/g, '_').split('/').map((part) => part.trim() || '_').join('/');
  // Not an option, and not a URL.
  return safe.startsWith('-') ? `_${safe}` : safe;
}

function* batches(names: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let size = 0;
  for (const name of names) {
    size += Buffer.byteLength(name) + 1;
    if (batch.length > 0 && size > LONGEST_ARGUMENT) {
      yield batch;
      batch = [];
      size = Buffer.byteLength(name) + 1;
    }
    batch.push(name);
  }
  if (batch.length > 0) yield batch;
}
