/** Lines that will never be sent, kept for who wants to know why: `ship/set-aside.jsonl`, bounded. */
import { appendFileSync, statSync } from 'node:fs';
import { log } from '../log.ts';
import { setAsidePath } from './paths.ts';

/** Bytes of set-aside lines that are kept; of more, only the number is known. */
const MOST = 16_000_000;

/** Never throws: what cannot be kept is counted all the same. */
export function setAsideLine(directory: string, line: Buffer, because: string): void {
  const path = setAsidePath(directory);
  log('warn', 'ship', 'line_set_aside', `a line was not sent and is set aside in ${path}: ${because}`);
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) + line.length < MOST) appendFileSync(path, Buffer.concat([line, Buffer.from('\n')]), { mode: 0o600 });
  } catch {
    // A full disk.
  }
}
