/**
 * Errors of modules that are not there, as they are without a hook: it is a frame on their stacks, with four or five of
 * Node's around it, which is half of what is shown; where Node has shown who asked for the module, it then does not.
 */
import { SEPARATOR, lowerLimit, raiseLimit, rethrowFrom, throwAt } from '../instrumentation/frames.ts';

declare const module: NodeJS.Module;
declare const __filename: string;

/** What stands on the stack because there is a hook, at most. */
const FRAMES = 6;

type Next<T> = (specifier: string, context: object) => T;

/** What `next` gives, which leads to Node's own. */
export function unseen<T>(next: Next<T>, specifier: string, context: object): T {
  const raised = raiseLimit(FRAMES);
  if (raised === undefined) return next(specifier, context);
  let error: unknown;
  try {
    return next(specifier, context);
  } catch (thrown) {
    error = thrown;
  } finally {
    lowerLimit(raised, FRAMES);
  }
  throwHidden(error, raised - FRAMES);
  // A crash prints the line that has thrown last: Node's own is not known here, so it throws again, past us.
  const again = raiseLimit(FRAMES);
  try {
    return next(specifier, context);
  } finally {
    lowerLimit(again, FRAMES);
  }
}

/** Throws it as Node has, and without us on its stack; returns where it cannot. */
function throwHidden(error: unknown, limit: number): void {
  const frames = framesOf(error);
  const first = frames.findIndex((frame) => frame.includes(__filename));
  // A hook of the app's is not to be called twice.
  if (first > 1 && frames.slice(0, first - 1).some(isStep)) rethrowFrom(error);
  const place = (error as NodeJS.ErrnoException | undefined)?.code === 'MODULE_NOT_FOUND' ? thrownAt(frames) : undefined;
  if (place === undefined) return;
  const { stack } = error as Error;
  const after = frames.findIndex((frame, index) => index > first && !frame.includes(__filename));
  const isAlone = frames[after + 1]?.startsWith('resolveWithHooks ') === true;
  const from = isAlone ? first - (frames[first - 2]?.startsWith('defaultResolve ') ? 2 : 1) : first;
  frames.splice(from, after + (isAlone ? 2 : 1) - from);
  Reflect.set(error as Error, 'stack', [stack!.slice(0, stack!.indexOf(SEPARATOR)), ...frames.slice(0, limit)].join(SEPARATOR));
  throwAt(error, place.filename, place.line, place.source);
}

const isStep = (frame: string): boolean => frame.startsWith('nextStep ');

function framesOf(error: unknown): string[] {
  try {
    return (error as Error).stack!.split(SEPARATOR).slice(1);
  } catch {
    return [];
  }
}

/** How much later than it is made Node throws the error, and the line that does: of this function. */
let known: { readonly of: unknown; readonly after: number; readonly source: string | undefined } | undefined;

function thrownAt([top = '']: readonly string[]): { filename: string; line: number; source: string } | undefined {
  const [, filename, made] = /_resolveFilename \((node:[\w/]+):(\d+):/.exec(top) ?? [];
  if (filename === undefined) return undefined;
  // A `require` would pass the app's hooks.
  const { _resolveFilename: of } = module.constructor as unknown as { _resolveFilename: unknown };
  if (known === undefined || known.of !== of) {
    const lines = String(of).split('\n');
    const from = lines.findLastIndex((line) => line.includes('new Error(message)'));
    const thrown = lines.findIndex((line, index) => index > from && line.trim() === 'throw err;');
    known = { of, after: thrown - from, source: from < 0 ? undefined : lines[thrown] };
  }
  return known.source === undefined ? undefined : { filename, line: Number(made) + known.after, source: known.source };
}
