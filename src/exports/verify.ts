/**
 * Whether what a manifest says was written locally is still there as it was. It proves integrity, not origin: who
 * can change the files can change the manifest too. Nothing in the manifest is trusted.
 */
import { constants } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { createHash } from 'node:crypto';
import { errorText, fault } from './faults.ts';
import { close, open, read, stat } from './files.ts';
import type { Manifest, ManifestArtifact, ManifestResult } from './manifest.ts';
import { manifestPathOf, readManifest, readRun } from './manifest-file.ts';
import { collisionKey } from './names.ts';
import { CHUNK_BYTES } from './read-file.ts';

export type Verdict = 'ok' | 'bad' | 'not_checked';

export interface Finding {
  readonly artifact: string;
  /** Where it is: the writer as in the chain, with the path of a local file. */
  readonly where: string;
  readonly verdict: Verdict;
  readonly reason?: string;
}

export interface Verification {
  readonly manifestPath: string;
  readonly root: string;
  /** Undefined when what is there is no manifest. */
  readonly manifest: Manifest | undefined;
  /** What is wrong with the manifest itself. */
  readonly problems: readonly string[];
  readonly findings: readonly Finding[];
  readonly ok: boolean;
}

/**
 * @param path a manifest, or the folder of one
 * @param root what no file may be outside of. Default: the manifest's folder; of one in `.spoor/exports/`, the folder that `.spoor` is in
 * @throws what the system says when there is nothing to read, code `too_large` when it is larger than 256 MiB, `not_a_file` when it is no regular one
 */
export async function verify(path: string, root?: string): Promise<Verification> {
  const named = await manifestPathOf(path);
  // What its paths are relative to, also when it was named by a link.
  const manifestPath = join(await realpath(dirname(named)), basename(named));
  const found = { manifestPath, root: await realpath(root ?? aboveStore(named) ?? aboveStore(manifestPath) ?? dirname(manifestPath)) };
  try {
    return await checked(await toldAt(manifestPath), found);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'no_manifest') throw error;
    return { ...found, manifest: undefined, problems: [(error as Error).message], findings: [], ok: false };
  }
}

/** The results of a killed publish are in its journal only; of one that was killed in its first moment there is nothing else. */
async function toldAt(path: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    manifest = await readManifest(path);
  } catch (error) {
    const told = (error as NodeJS.ErrnoException).code === 'ENOENT' ? await readRun(dirname(path)) : undefined;
    if (told === undefined) throw error;
    return told;
  }
  if (manifest.state === 'complete') return manifest;
  const told = await readRun(dirname(path));
  return told?.runId === manifest.runId ? { ...told, state: 'running' } : manifest;
}

async function checked(manifest: Manifest, found: Pick<Verification, 'manifestPath' | 'root'>): Promise<Verification> {
  const problems = [...(manifest.state === 'running' ? ['it is incomplete: the publish was killed, or still runs; below is what it had done'] : []), ...duplicates(manifest)];
  const findings = await check(manifest, dirname(found.manifestPath), found.root);
  return { ...found, manifest, problems, findings, ok: problems.length === 0 && findings.every(({ verdict }) => verdict !== 'bad') };
}

/** Of a manifest in `.spoor/exports/` the folder that `.spoor` is in, whatever of them is a link. */
function aboveStore(manifestPath: string): string | undefined {
  const exported = dirname(dirname(manifestPath));
  return basename(exported) === 'exports' && basename(dirname(exported)) === '.spoor' ? dirname(dirname(exported)) : undefined;
}

function duplicates({ artifacts }: Manifest): string[] {
  const names = new Map<string, string>();
  const problems: string[] = [];
  for (const { name, results } of artifacts) {
    if (!results.some(({ status }) => status === 'written' || status === 'handed_over')) continue;
    const key = collisionKey(name);
    const before = names.get(key);
    if (before !== undefined) problems.push(`two artifacts have the same name: ${JSON.stringify(before)} and ${JSON.stringify(name)}`);
    names.set(key, name);
  }
  return problems;
}

async function check({ artifacts }: Manifest, folder: string, root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  /** Whose they are: one artifact may come to the same place by two chains. */
  const paths = new Map<string, string>();
  for (const artifact of artifacts) {
    for (const result of artifact.results) {
      if (result.status !== 'written' && result.status !== 'handed_over') continue;
      if (result.path === undefined || result.status === 'handed_over') {
        findings.push({ artifact: artifact.name, where: result.target, verdict: 'not_checked', reason: result.status === 'handed_over' ? 'an agent uploads it' : 'it is not a local file' });
        continue;
      }
      const where = `${result.target} ${result.path}`;
      try {
        const path = resolve(folder, result.path);
        if ((paths.get(path) ?? artifact.name) !== artifact.name) throw fault('duplicate', 'another artifact was written to the same file');
        paths.set(path, artifact.name);
        checkSubject(artifact, result);
        await checkFile(path, root, artifact, result);
        findings.push({ artifact: artifact.name, where, verdict: 'ok' });
      } catch (error) {
        findings.push({ artifact: artifact.name, where, verdict: 'bad', reason: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : errorText(error) });
      }
    }
  }
  return findings;
}

/** What a folder was given is the artifact itself. Other writers, and scripts, may have written something made of it. */
function checkSubject({ size, digest }: ManifestArtifact, { writer, chain, bytes = size, sha256 = digest?.sha256 }: ManifestResult): void {
  if (writer !== 'filesystem' || chain < 0) return;
  if ((size ?? bytes) !== bytes || (digest?.sha256 ?? sha256) !== sha256) throw fault('subject', 'the manifest has another size or SHA-256 for the artifact than for its file');
}

async function checkFile(path: string, root: string, { size, digest }: ManifestArtifact, { bytes = size, sha256 = digest?.sha256 }: ManifestResult): Promise<void> {
  const folder = await realpath(dirname(path));
  if (folder !== root && !folder.startsWith(root.endsWith(sep) ? root : root + sep)) throw fault('outside', `it is outside of ${root}; name a root that it is in with --root`);
  const descriptor = await open(join(folder, basename(path)), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ELOOP' ? fault('not_a_file', 'it is a symbolic link') : error;
  });
  try {
    const stats = await stat(descriptor);
    if (!stats.isFile()) throw fault('not_a_file', 'it is not a regular file');
    if (bytes === undefined || sha256 === undefined) throw fault('no_digest', 'the manifest has no size and digest of it');
    if (stats.size !== bytes) throw fault('size', `it has ${stats.size} bytes, the manifest says ${bytes}`);
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, stats.size + 1));
    for (let left = stats.size + 1, count = 1; count > 0 && left > 0; left -= count) {
      count = await read(descriptor, buffer, buffer.length);
      hash.update(buffer.subarray(0, count));
    }
    const found = hash.digest('hex');
    if (found !== sha256) throw fault('sha256', `its SHA-256 is ${found}, the manifest says ${sha256}`);
  } finally {
    await close(descriptor);
  }
}
