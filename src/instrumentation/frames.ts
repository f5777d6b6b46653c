/**
 * Keeps spoor out of the stacks of errors that Node throws through it.
 *
 * A wrapper is one frame between the app and Node. An error that is thrown while it runs must look as if it
 * were not there: its line is taken out, and because `Error.stackTraceLimit` counts it, the limit is one
 * higher for that long. Node also prints the line of source that threw; `rethrow` keeps that Node's own.
 */

/** Functions of ours that are on the stack while Node's run have names that start with this. */
const OURS = /^[^(\n]*\b__spoor\w*[^(\n]*\(/;
/** Between the frames of a stack. */
export const SEPARATOR = '\n    at ';

/** Frames of ours on the stack right now for which the limit is higher. */
let depth = 0;

/**
 * Makes `Error.stackTraceLimit` greater by so many frames.
 * @returns the limit that is set now, for {@link lowerLimit}; undefined where it cannot be set
 */
export function raiseLimit(by: number): number | undefined {
  const limit: unknown = Error.stackTraceLimit;
  // Reflect.set: the property may be read-only, and that is no reason to throw.
  return typeof limit === 'number' && Reflect.set(Error, 'stackTraceLimit', limit + by) ? limit + by : undefined;
}

export function lowerLimit(raised: number | undefined, by: number): void {
  // Unless the app has set another meanwhile: in a getter of its options, or in a hook.
  if (raised !== undefined && Error.stackTraceLimit === raised) Reflect.set(Error, 'stackTraceLimit', raised - by);
}

/**
 * To be called right before Node's function is.
 * @returns what its `leave` needs
 */
export function enter(): number | undefined {
  const raised = raiseLimit(1);
  if (raised !== undefined) depth++;
  return raised;
}

export function leave(raised: number | undefined): void {
  if (raised === undefined) return;
  depth--;
  lowerLimit(raised, 1);
}

/** Takes our frames out of an error's stack. Between `enter` and `leave`. Never throws. */
export function hideFrames(error: unknown): void {
  try {
    const { stack } = error as Error;
    if (typeof stack !== 'string') return;
    const [head, ...frames] = stack.split(SEPARATOR);
    let kept = frames.filter((frame) => !OURS.test(frame));
    // As many as the app would have seen: ours may lie below what was kept of a deep stack.
    if (frames.length <= Error.stackTraceLimit) kept = kept.slice(0, Error.stackTraceLimit - depth);
    if (kept.length < frames.length) (error as Error).stack = [head, ...kept].join(SEPARATOR);
  } catch {
    // A frozen error, or one whose stack is a getter that throws: it stays as it is.
  }
}

/**
 * The same for an error that comes later, by a promise: one with a line of ours was made while the limit was higher.
 * Its causes too, which drivers make before they begin; one without is the app's, or as good. Never throws.
 */
export function takeOutFrames(error: unknown): void {
  try {
    let one = error as Error | undefined;
    for (let i = 0; i < 5 && typeof one?.stack === 'string'; i++, one = one.cause as Error | undefined) {
      const { stack } = one;
      const [head, ...frames] = stack.split(SEPARATOR);
      const kept = frames.filter((frame) => !OURS.test(frame));
      const { stackTraceLimit: limit } = Error;
      if (kept.length < frames.length) one.stack = [head, ...(kept.length > limit ? kept.slice(0, limit) : kept)].join(SEPARATOR);
    }
  } catch {
    // As above.
  }
}

/** Throws an error as from where its stack begins: a crash prints that place, and not ours. */
export function rethrowFrom(error: unknown): never {
  const place = beginning(stackOf(error));
  if (place !== undefined) throwAt(error, place.filename, place.line, '      throw err;');
  throw error;
}

/** One of the app's may have a getter there that throws. */
function stackOf(error: unknown): string {
  try {
    return String((error as Error | undefined)?.stack ?? '');
  } catch {
    return '';
  }
}

/** The topmost place; a `DOMException` is made in a file of Node's for it. */
function beginning(stack: string): { filename: string; line: number } | undefined {
  const [, filename, line] = /\n {4}at (?:[^\n(]* \()?(?!node:internal\/per_context\/domexception)([^\n()]+):(\d+):\d+\)?/.exec(stack) ?? [];
  return filename === undefined ? undefined : { filename, line: Number(line) };
}

const throwers = new Map<string, (error: unknown) => void>();

/**
 * Throws an error from where it was thrown, so that a crash prints that place and not ours. Of Node's own also the very
 * line of source; of the app's (one of its getters threw) it cannot be had.
 */
export function rethrow(error: unknown, original: Function): never {
  const { filename, line, source } = origin(error, original);
  throwAt(error, filename, line, source);
  throw error;
}

/** Throws an error from a line of a file, with this source: a crash prints them. */
export function throwAt(error: unknown, filename: string, line: number, source: string): void {
  const key = `${filename}:${line}`;
  let thrower = throwers.get(key);
  if (thrower === undefined) {
    thrower = process.getBuiltinModule('node:vm').compileFunction(source, ['err'], { filename, lineOffset: line - 1 }) as (error: unknown) => void;
    if (throwers.size < 100) throwers.set(key, thrower);
  }
  thrower(error);
}

/** The statement that threw: found for `execSync` and `execFileSync`, else the top of the stack. */
function origin(error: unknown, original: Function): { filename: string; line: number; source: string } {
  const stack = stackOf(error);
  const called = new RegExp(`at (?:\\w+\\.)?${original.name || 'spawn'} \\((node:[\\w/]+):(\\d+):`).exec(stack);
  if (called && stack.includes('checkExecSyncError')) {
    const lines = String(original).split('\n');
    const check = lines.findIndex((line) => line.includes('checkExecSyncError('));
    const thrown = lines.findIndex((line) => line.trim() === 'throw err;');
    if (check >= 0 && thrown > check) return { filename: called[1]!, line: Number(called[2]) + thrown - check, source: lines[thrown]! };
  }
  return { ...(beginning(stack) ?? { filename: 'node:child_process', line: 1 }), source: '      throw err;' };
}
