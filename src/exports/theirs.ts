/** What is there already where a manifest is to go: files of an earlier publish are replaced, somebody else's never. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { fault } from './faults.ts';

/** How lines of a journal begin; any of them may be the first, where the disk was full. */
const LINES = ['{"type":"run","runId":', '{"type":"artifact","name":', '{"type":"result","artifact":', '{"type":"end","endedAt":'];
const MANIFEST_BEGINS = /^\s*\{\s*("\$schema":\s*"[^"]*",\s*)?"schemaVersion":\s*\d+,\s*"runId":/;
/** So much of a file is looked at. */
const BEGINNING_BYTES = 512;

/** @throws code `not_ours` that names the file that is somebody else's */
export function mustBeOurs({ journal, manifest, sums }: Readonly<Record<'journal' | 'manifest' | 'sums', string>>): void {
  const isJournal = isOurs(journal, beginsJournal);
  // Where the journal is ours, so is a manifest that somebody has written anew, with its keys sorted perhaps.
  const isManifest = isOurs(manifest, (text) => MANIFEST_BEGINS.test(text) || (isJournal === true && /^\s*\{/.test(text)));
  // Of sums nobody can tell whose they are, but by what is beside them.
  const areSums = isJournal || isManifest || isOurs(sums, () => false);
  for (const [path, isIt] of [[journal, isJournal], [manifest, isManifest], [sums, areSums]] as const) {
    if (isIt === false) throw fault('not_ours', `${path} is there already and not of a publish, so it is left as it is; give the manifest a folder of its own`);
  }
}

/** Whether there is one of a publish. */
export function isJournal(path: string): boolean {
  return isOurs(path, beginsJournal) === true;
}

function beginsJournal(text: string): boolean {
  const [first = ''] = text.split('\n', 1);
  // A torn line is shorter.
  return first.startsWith('{"type":"') && LINES.some((line) => first.startsWith(line) || line.startsWith(first));
}

/** Undefined of a file that is empty or not there. */
function isOurs(path: string, test: (text: string) => boolean): boolean | undefined {
  const text = beginning(path);
  return text === '' ? undefined : text !== undefined && test(text);
}

/** Empty where there is nothing to lose; undefined of what is no regular file: a pipe must not stop us. */
function beginning(path: string): string | undefined {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return '';
  if (!there.isFile()) return undefined;
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(BEGINNING_BYTES);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
