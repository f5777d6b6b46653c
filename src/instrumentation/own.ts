/** The handlers of spoor's own runtime, for what is preloaded: the register bundle asks for them at the first call. */
import { runtime } from '../runtime.ts';
import { ChildProcessHandler } from './child-process-handler.ts';
import { settings } from './settings.ts';
import { WorkerHandler } from './worker-handler.ts';
import type { Handler } from './wrap.ts';

export interface OwnHandlers {
  readonly childProcess: Handler;
  readonly worker: Handler;
}

let own: OwnHandlers | undefined;

/** Undefined when there is nothing to record to, or the configuration wants no instrumentations. */
export function ownHandlers(): OwnHandlers | undefined {
  const config = runtime()?.config;
  if (config === undefined || config.instrumentations === 'none') return undefined;
  if (own === undefined) {
    const decided = settings({}, undefined);
    own = { childProcess: new ChildProcessHandler(() => decided), worker: new WorkerHandler(() => decided) };
  }
  return own;
}
