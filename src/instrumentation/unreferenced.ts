/** Children and workers that this process does not wait for: what is left of them when it ends, ends with it. */
import { atExit } from '../listeners.ts';
import type { Operation } from '../operation.ts';

const waiting = new Map<Operation, () => void>();

/** Calls `end` when the process ends before the operation does. */
export function endWithProcess(operation: Operation, end: () => void): void {
  for (const [one] of waiting) if (one.ended) waiting.delete(one);
  waiting.set(operation, end);
  // Before the runtime's own end, which writes the last numbers.
  atExit(endAll, true);
}

function endAll(): void {
  for (const [one, end] of waiting) if (!one.ended) end();
}
