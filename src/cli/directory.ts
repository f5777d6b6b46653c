import { resolve } from 'node:path';
import { loadConfig, sayProblems } from '../config.ts';

/** The directory that is read: `--dir`, else what a traced program started here would write to. Absolute. */
export function directoryOf(option: string | undefined): string {
  if (option !== undefined) return resolve(option);
  const { config, problems } = loadConfig();
  sayProblems(problems);
  return config.directory;
}

export const NOTHING_RECORDED = (directory: string): string =>
  `Nothing has been recorded in ${directory} yet. Start a program with \`spoor run -- <command>\`, or point --dir at another directory.`;
