/**
 * What a holder leaves to the next one, in one file for each signal, replaced as a whole: how far each hour file
 * is done with, and for the numbers the totals of the streams that the same lines were folded into. Offsets and
 * totals that are saved together agree with each other, however the holder ended.
 */
import { closeSync, readFileSync, renameSync } from 'node:fs';
import { log } from '../log.ts';
import { makeDirectory } from '../store/layout.ts';
import { replaceFile } from '../store/replace.ts';
import type { Positions } from './backlog.ts';
import { shipDirectory, statePath, type ShippedSignal } from './paths.ts';

export interface SavedState {
  readonly positions: Positions;
  /** The totals of the cumulative streams; this and what follows is absent for traces. */
  readonly streams?: unknown;
  /** How far the trace files were searched for what killed processes had not counted. */
  readonly searched?: Positions;
  /** How far the backend has acknowledged the numbers. */
  readonly acknowledged?: Positions;
}

const VERSION = 1;

/** Undefined where there is none. A corrupt one is set aside as `<name>.corrupt`, and said. @throws when it cannot be read */
export function loadState(directory: string, signal: ShippedSignal): SavedState | undefined {
  const state = readState(statePath(directory, signal));
  if (state !== 'corrupt') return state;
  setAsideState(directory, signal, 'it is not whole');
  return undefined;
}

/** @throws when it cannot be renamed */
export function setAsideState(directory: string, signal: ShippedSignal, because: string): void {
  const path = statePath(directory, signal);
  renameSync(path, `${path}.corrupt`);
  log('warn', 'ship', 'state_corrupt', `${path} could not be used and was set aside as ${path}.corrupt (${because}): ${whatFollows(signal)}`);
}

/** From a state that is corrupt. */
export function whatFollows(signal: ShippedSignal): string {
  return signal === 'traces' ? 'everything that is in the files is sent again; backends tell identical spans by their id' : 'the totals begin anew from what is in the files; backends see it as a restart of the counters';
}

/** The same for who only looks, and leaves it where it is. */
export function peekState(directory: string, signal: ShippedSignal): SavedState | 'corrupt' | undefined {
  try {
    return readState(statePath(directory, signal));
  } catch {
    return undefined;
  }
}

/** @throws what the file system says; with code `ELOCKED` when `confirm` says no */
export function saveState(directory: string, signal: ShippedSignal, state: SavedState, confirm: () => boolean): void {
  const content = Buffer.from(`${JSON.stringify({ version: VERSION, ...state })}\n`);
  makeDirectory(shipDirectory(directory));
  closeSync(replaceFile(statePath(directory, signal), [content], { alone: true, confirm }));
}

function readState(path: string): SavedState | 'corrupt' | undefined {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const state = JSON.parse(content) as SavedState & { readonly version?: unknown };
    return state.version === VERSION && [state.positions, state.searched ?? {}, state.acknowledged ?? {}].every(arePositions) ? state : 'corrupt';
  } catch {
    return 'corrupt';
  }
}

function arePositions(value: unknown): value is Positions {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((position) => Array.isArray(position) && position.length === 2 && position.every((number) => Number.isSafeInteger(number) && number >= 0))
  );
}
