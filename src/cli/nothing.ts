/** What is said where there is nothing to show. */
import { time } from '../report/words.ts';
import { hourFiles } from '../store/layout.ts';

const WEEK_MS = 7 * 86_400_000;

export const nothingRecorded = (directory: string): string =>
  `Nothing has been recorded in ${directory} yet. Start a program with \`spoor run -- <command>\`, or point --dir at another directory.`;

/** Of a directory without any trace; undefined where it has some. */
export function noTraces(directory: string): string | undefined {
  const has = (signal: 'traces' | 'starts' | 'rollups'): boolean => hourFiles(directory, signal).length > 0;
  if (has('traces') || has('starts')) return undefined;
  if (!has('rollups')) return nothingRecorded(directory);
  return `No traces are kept in ${directory}: a sampler may have left them out (OTEL_TRACES_SAMPLER), or they were older than is kept. The numbers are there: \`spoor report\`.`;
}

/** @param what such as `Nothing was spawned` */
export function nothingSince(what: string, since: number, now = Date.now()): string {
  return `${what} since ${time(since)}.${now - since < WEEK_MS ? ' Look further back with --since 7d.' : ''}`;
}
