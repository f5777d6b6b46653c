/** The first line of a journal: which publish it is of. */
import { SCOPE } from '../conventions.ts';
import { randomUuid } from '../random-ids.ts';
import type { RunLine } from './fold.ts';

/** Of a publish that begins now. */
export function runLine(run: Omit<RunLine, 'type' | 'runId' | 'startedAt' | 'tool'>): RunLine {
  return { type: 'run', runId: newRunId(), startedAt: new Date().toISOString(), tool: { name: SCOPE.name, version: SCOPE.version }, ...run };
}

/** Sorts by time. */
function newRunId(): string {
  const at = new Date().toISOString();
  return `${at.slice(0, 4)}${at.slice(5, 7)}${at.slice(8, 13)}${at.slice(14, 16)}${at.slice(17, 19)}${at.slice(20)}-${randomUuid().slice(0, 8)}`;
}
