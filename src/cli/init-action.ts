/** What `spoor init` does: writes the files of a scale, and replaces none unasked. */
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { clean, counted } from '../report/words.ts';
import { makeDirectory } from '../store/layout.ts';
import type { InitOptions, Scale } from './init.ts';
import { filesOf, type InitFile, SCALES } from './init-scales.ts';
import { CliError, print, shownPath } from './terminal.ts';

export async function init(given: Scale | undefined, options: InitOptions): Promise<void> {
  const asks = process.stdin.isTTY && process.stdout.isTTY;
  if (given === undefined && !asks) throw new CliError('init: which scale? spoor init laptop, host or fleet; see spoor init --help', 2);
  if (options.to?.trim() === '') throw new CliError('init: --to must name a folder', 2);
  const questions = asks ? await import('./init-questions.ts') : undefined;
  const scale = given ?? (await questions!.askScale());
  const to = options.to ?? (questions !== undefined && given === undefined ? await questions.askFolder('collector-config') : 'collector-config');

  const folder = resolve(to);
  const files = filesOf(scale);
  const differing = files.filter((file) => state(folder, file) === 'differs');
  const missing = files.filter((file) => state(folder, file) === 'missing');
  const folderName = shownPath(folder);
  if (options.dryRun) {
    for (const { path } of missing) print(`would write      ${folderName}/${path}`);
    for (const { path } of differing) print(`${options.force ? 'would overwrite' : 'differs, kept  '}  ${folderName}/${path}`);
    print(`Nothing was written (--dry-run): ${counted(missing.length, 'new file')}, ${differing.length} that ${differing.length === 1 ? 'differs' : 'differ'}, ${files.length - missing.length - differing.length} as they would be.`);
    return;
  }

  let overwrites = options.force === true;
  if (differing.length > 0 && !overwrites) {
    const list = differing.map(({ path }) => `  ${folderName}/${path}`);
    const said = `${counted(differing.length, 'file')} there ${differing.length === 1 ? 'is' : 'are'} different from what would be written:`;
    if (questions === undefined) throw new CliError(`init: ${said}`, 1, [...list, 'Nothing was written. --force overwrites them, --to writes elsewhere, --dry-run shows what there is to do.']);
    print([said, ...list].join('\n'));
    overwrites = await questions.askOverwrite();
  }
  const written = write(folder, overwrites ? [...missing, ...differing] : missing);
  const kept = overwrites ? 0 : differing.length;
  print(
    written === 0 && kept === 0
      ? `Nothing to do: ${folderName} has all ${files.length} files of ${scale} as they are in this version.`
      : `Wrote ${counted(written, 'file')} to ${folderName} (${scale}: ${SCALES[scale].about})${kept > 0 ? `; kept ${counted(kept, 'file')} that differ` : ''}.`,
  );
  print(`\nNext:\n${SCALES[scale].next(inShell(folderName)).map((line) => `  ${line}`).join('\n')}`);
}

/** For commands that are to be copied. */
function inShell(path: string): string {
  return /^[\w./\\:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function state(folder: string, { path, content }: InitFile): 'missing' | 'same' | 'differs' {
  try {
    return readFileSync(join(folder, path)).equals(content) ? 'same' : 'differs';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A dangling link is somebody's too.
    if (code === 'ENOENT') return lstatSync(join(folder, path), { throwIfNoEntry: false }) === undefined ? 'missing' : 'differs';
    throw failed(code, join(folder, path), 'cannot be read');
  }
}

/** How many were written. A new file is created exclusively, one that is replaced is renamed into place. */
function write(folder: string, files: readonly InitFile[]): number {
  let written = 0;
  for (const { path, content } of files) {
    const target = join(folder, path);
    try {
      // For everybody to read: in a container it is another user who does.
      makeDirectory(dirname(target), 0o755);
      const temporary = `${target}.${process.pid}.tmp`;
      if (lstatSync(target, { throwIfNoEntry: false }) === undefined) writeFileSync(target, content, { flag: 'wx' });
      else {
        try {
          writeFileSync(temporary, content, { flag: 'wx' });
          renameSync(temporary, target);
        } catch (error) {
          rmSync(temporary, { force: true });
          throw error;
        }
      }
      written++;
    } catch (error) {
      throw failed((error as NodeJS.ErrnoException).code, target, 'cannot be written', written);
    }
  }
  return written;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no folder can be made there. Choose another with --to',
  EACCES: 'this user may not. Choose another folder with --to, or change the permissions',
  EPERM: 'this user may not. Choose another folder with --to, or change the permissions',
  EROFS: 'that file system is read-only. Choose another folder with --to',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of that path is a file, and no folder. Choose another folder with --to',
  EISDIR: 'there is a folder of that name. Move it, or choose another folder with --to',
  EEXIST: 'something of that name has just been made. Run it again',
};

function failed(code: string | undefined, path: string, what: string, written = 0): CliError {
  const before = written === 0 ? 'Nothing was written' : `${counted(written, 'file')} before it ${written === 1 ? 'was' : 'were'} written`;
  return new CliError(`init: ${clean(path, 300)} ${what}: ${WHY[code ?? ''] ?? `the system says ${code}`}. ${before}.`);
}
