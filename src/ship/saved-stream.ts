import type { KeyValue, WireExemplar } from '../rollup/request.ts';
import { areNumbers, type SavedValue } from './value.ts';

/** A stream as it is saved, in plain JSON. */
export interface SavedStream {
  readonly attributes: readonly KeyValue[];
  readonly total: SavedValue;
  readonly parts?: readonly (readonly [string, number])[];
  readonly sent?: SavedValue;
  readonly waiting?: SavedValue;
  readonly attempt?: { readonly time: number; readonly value?: SavedValue };
  readonly changed?: true;
  /** Start, last point, last news, a gauge's measurement. */
  readonly times: readonly [number, number, number, number];
  readonly exemplars?: readonly (readonly WireExemplar[])[];
}

/** Its values are looked at where they are restored. @throws {Error} when the rest of it cannot be used */
export function checkSaved({ times, attempt, parts }: SavedStream): void {
  if (!areNumbers([times, attempt?.time ?? 0, parts?.map(([, part]) => part) ?? []])) throw new Error('the state of the streams has times or parts that are no numbers');
}
