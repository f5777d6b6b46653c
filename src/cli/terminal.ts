/** What the commands share of the terminal: output that survives a closed pipe, colour, progress, units. */
import { relative, resolve, sep } from 'node:path';
import { createColors } from 'picocolors';
import { type Colors, clean } from '../report/words.ts';

/** A person sees what went wrong, not a stack; `exitCode` 2 is for what they typed, 1 for the rest. */
export class CliError extends Error {
  readonly exitCode: number;
  /** Said below the message. A line break in that is from a name, and shown as what it is. */
  readonly lines: readonly string[];

  constructor(message: string, exitCode = 1, lines: readonly string[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

/** Lines for stderr in which neither a terminal nor a CI finds a command. */
export function saidSafely(lines: readonly string[]): string {
  return lines.map((line) => `${clean(line, 4_096)}\n`).join('');
}

/** Colour only for a person who did not ask for none (https://no-color.org). */
export function colors(stream: { readonly isTTY?: boolean }): Colors {
  return createColors(stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb');
}

/**
 * A reader that has seen enough (`| head -1`) closes the pipe: that is no error of ours. Anything else, such as a full disk,
 * is said once, and what was begun is brought to its end.
 */
export function sayLostOutput(): void {
  process.stdout.once('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.stderr.write(saidSafely([`spoor: standard output cannot be written: ${code ?? message}`]));
    process.once('exit', () => void (process.exitCode ||= 1));
  });
  // The same of each write that follows; and of standard error there is nobody to tell.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** `onLost` is called when it could not be written. */
export function print(text: string, onLost?: (error: NodeJS.ErrnoException) => void): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`, (error) => {
    if (error) onLost?.(error);
  });
}

/** A path as a person would write it here: relative below the current directory, else absolute. */
export function shownPath(path: string): string {
  const below = relative('', path) || '.';
  return clean(below === '..' || below.startsWith(`..${sep}`) ? resolve(path) : below, 4_096);
}

/** JSON in which Azure's agent, which reads a job's output, finds no command of its own. */
export function ciSafeJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(/##(?=\[|vso\[)/gi, '\\u0023#');
}

/** Says on a terminal's stderr how much has been read, when it takes longer than a second. */
export class Progress {
  readonly #started = Date.now();
  #said = 0;
  #bytes = 0;

  readonly onBytes = (bytes: number): void => {
    this.#bytes += bytes;
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.#started < 1000 || now - this.#said < 200) return;
    this.#said = now;
    process.stderr.write(`\r\u001b[Kreading… ${Math.round(this.#bytes / 1e6)} MB`);
  };

  done(): void {
    if (this.#said > 0) process.stderr.write('\r\u001b[K');
  }
}
