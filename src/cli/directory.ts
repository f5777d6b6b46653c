import { resolve } from 'node:path';
import { loadConfig } from '../config.ts';

/** The directory that is read: `--dir`, else what a traced program started here would write to. Absolute. */
export function directoryOf(option: string | undefined): string {
  return option === undefined ? loadConfig().config.directory : resolve(option);
}

export const NOTHING_RECORDED = (directory: string): string =>
  `Nothing has been recorded in ${directory} yet. Start a program with \`spoor run -- <command>\`, or point --dir at another directory.`;
