import { resolve } from 'node:path';
import { loadConfig, sayProblems } from '../config.ts';

/** The directory that is read: `--dir`, else what a traced program started here would write to. Absolute. */
export function directoryOf(option: string | undefined, say = sayProblems): string {
  if (option !== undefined) return resolve(option);
  const { config, problems } = loadConfig();
  say(problems);
  return config.directory;
}

/** The same where this process is traced itself: `start` says what is wrong. */
export const tracedDirectoryOf = (option: string | undefined): string => directoryOf(option, () => {});
