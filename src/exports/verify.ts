/**
 * Whether what a manifest says was written locally is still there as it was. It proves integrity, not origin: who
 * can change the files can change the manifest too. Nothing in the manifest is trusted.
 */
import { constants, existsSync } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { createHash } from 'node:crypto';
import { Ajv, type ValidateFunction } from 'ajv';
import { errorText, fault } from './faults.ts';
import { close, open, read, stat } from './files.ts';
import type { Manifest, ManifestArtifact, ManifestResult } from './manifest.ts';
import { MANIFEST_SCHEMA } from './manifest-schema.ts';
import { collisionKey } from './names.ts';
import { CHUNK_BYTES } from './read-file.ts';
import { JOURNAL, MANIFEST, readJournal } from './run-folder.ts';

/** A manifest of 100,000 artifacts at three writers is half of it. */
const MAX_BYTES = 256 * 1_048_576;

let validator: ValidateFunction<Manifest> | undefined;

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
 * @throws what the system says when there is nothing to read, code `too_large` when it is larger than 256 MiB
 */
export async function verify(path: string, root?: string): Promise<Verification> {
  const manifestPath = (await lstat(path)).isDirectory() ? join(resolve(path), MANIFEST) : resolve(path);
  const found = { manifestPath, root: await realpath(root ?? defaultRoot(manifestPath)) };
  const there = await lstat(manifestPath).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || !existsSync(join(dirname(manifestPath), JOURNAL))) throw error;
  });
  // Killed in its first moment: what it had done is in the journal alone.
  if (there === undefined) return checked(readJournal(dirname(manifestPath)).manifest(), found);
  const { size } = there;
  if (size > MAX_BYTES) throw fault('too_large', `${manifestPath} has ${size} bytes; a manifest has at most ${MAX_BYTES}`);
  const text = await readFile(manifestPath, 'utf8');
  const bad = (problem: string): Verification => ({ ...found, manifest: undefined, problems: [problem], findings: [], ok: false });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return bad('it is not JSON');
  }
  validator ??= new Ajv({ allErrors: false, strict: false }).compile<Manifest>(MANIFEST_SCHEMA);
  const isManifest = validator;
  if (!isManifest(parsed)) {
    const [first] = isManifest.errors ?? [];
    return bad(`it is no manifest by the schema: ${first?.instancePath || 'it'} ${first?.message ?? ''}`);
  }
  return checked(parsed.state === 'running' ? withJournal(parsed, manifestPath) : parsed, found);
}

async function checked(manifest: Manifest, found: Pick<Verification, 'manifestPath' | 'root'>): Promise<Verification> {
  const problems = [...(manifest.state === 'running' ? ['it is incomplete: the publish was killed, or still runs; below is what it had done'] : []), ...duplicates(manifest)];
  const findings = await check(manifest, dirname(found.manifestPath), found.root);
  return { ...found, manifest, problems, findings, ok: problems.length === 0 && findings.every(({ verdict }) => verdict !== 'bad') };
}

function defaultRoot(manifestPath: string): string {
  const folder = dirname(manifestPath);
  const store = resolve(folder, '../..');
  return basename(dirname(folder)) === 'exports' && basename(store) === '.spoor' ? dirname(store) : folder;
}

/** The results of a killed publish are in its journal only. */
function withJournal(manifest: Manifest, manifestPath: string): Manifest {
  try {
    const folded = readJournal(dirname(manifestPath)).manifest();
    return folded.runId === manifest.runId ? { ...folded, state: 'running' } : manifest;
  } catch {
    return manifest;
  }
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
  const paths = new Set<string>();
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
        if (paths.has(path)) throw fault('duplicate', 'another artifact was written to the same file');
        paths.add(path);
        await checkFile(path, root, artifact, result);
        findings.push({ artifact: artifact.name, where, verdict: 'ok' });
      } catch (error) {
        findings.push({ artifact: artifact.name, where, verdict: 'bad', reason: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : errorText(error) });
      }
    }
  }
  return findings;
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
