import { counted, log } from './log.ts';
import { DROPPED } from './store/append.ts';

/** What a process could not record, said in its log and kept for `health()`. */
export class Losses {
  readonly #directory: string | undefined;
  /** By reason. */
  readonly dropped: Record<string, number> = {};
  lastError: string | undefined;

  /** @param directory - where files are written, if they are */
  constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  add(reason: string, count: number, why?: string): void {
    const where = this.#directory === undefined ? '' : ` (${this.#directory})`;
    // What is kept for so long and no longer has had its time: nothing is wrong.
    if (reason === DROPPED.AGE) return log('info', 'sdk', `dropped_${reason}`, `deleted ${counted(count, 'item')} older than is kept${where}`, { reason, count });
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    this.lastError = `dropped: ${reason}${why ? ` (${why})` : ''}`;
    log('warn', 'sdk', `dropped_${reason}`, `${counted(count, 'item')} could not be kept: ${reason}${why ? ` (${why})` : ''}${where}; recording goes on`, { reason, count });
  }

  fault(event: string, error: unknown): void {
    this.lastError = (error as Error).message;
    log('error', 'sdk', event, `a fault of spoor's own, the app is not affected: ${this.lastError}`);
  }
}
