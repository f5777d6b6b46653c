/** The manual API for agents. */
import { types } from 'node:util';
import { context } from '@opentelemetry/api';
import { carry } from '../carrier.ts';
import { AgentSpawn, type Spawn, complain } from './agent-spawn.ts';
import { follow } from './follow.ts';
import { type SpawnOptions, checkedOptions } from './spawn-attributes.ts';

export interface StartSpawnOptions extends SpawnOptions {
  /** The ledger is `<repoPath>/.spoor/telemetry.json`. Default: `telemetry.json` beside the other telemetry. */
  readonly repoPath?: string | undefined;
  /** Does not continue the active trace: for an agent that outlives what started it. Default: false. */
  readonly detachedContext?: boolean | undefined;
}

/**
 * What an orchestrator tells of the agents it starts, whatever they run in.
 *
 * ```js
 * const spawn = spawns.start({ role: 'builder', model: 'm', task: 'parse the config', source: 'task-based' });
 * spawn.tokenUsage({ input: 900, output: 120 });
 * spawn.end({ outcome: 'completed' });
 * ```
 *
 * A span by the GenAI conventions (`invoke_agent {agent}`), its numbers, and a decision in the spawn ledger.
 * Nothing here throws into the app: bad input is one line in the log, and a handle that does nothing.
 */
export const spawns = {
  /** Starts an agent's spawn. One that has no outcome when the process exits becomes `abandoned`. */
  start(options: StartSpawnOptions): Spawn {
    try {
      const checked = checkedOptions(options);
      if (options.repoPath !== undefined && typeof options.repoPath !== 'string') throw new TypeError('repoPath must be a text');
      return new AgentSpawn(checked, options.repoPath, options.detachedContext === true);
    } catch (error) {
      complain('start', error);
      return NOTHING;
    }
  },

  /**
   * Runs `fn` as an agent: `completed` when it returns or resolves, `failed` when it throws or rejects (which
   * goes on to the caller), unless it has ended the spawn itself. What it returns with a `then` that is no promise
   * (a query that begins when it is awaited, say) comes to its end when the caller awaits it.
   */
  run<T>(options: StartSpawnOptions, fn: (spawn: Spawn) => T): T {
    const spawn = spawns.start(options);
    // A text that is thrown is a message, also where it is one word.
    const failed = (error: unknown): void => void spawn.end({ outcome: 'failed', error: typeof error === 'string' ? '_OTHER' : error });
    const completed = (): void => void spawn.end({ outcome: 'completed' });
    let result: T;
    try {
      result = spawn.with(() => fn(spawn));
    } catch (error) {
      failed(error);
      throw error;
    }
    if (types.isPromise(result)) {
      const followed = result.then(
        (value) => (completed(), value),
        (error: unknown) => {
          failed(error);
          throw error;
        },
      );
      // `child` of a promisified `exec`, `cancel` of a library's.
      for (const name of Object.keys(result)) if (!(name in followed)) Object.defineProperty(followed, name, Object.getOwnPropertyDescriptor(result, name)!);
      return followed as T;
    }
    if (!follow(result, { completed, failed })) completed();
    return result;
  },
};

/** What bad input gets: the app goes on as if it were recorded. */
const NOTHING: Spawn = {
  id: '',
  get context() {
    return context.active();
  },
  traceId: '',
  with: (fn) => fn(),
  environment: (env = process.env) => carry(context.active(), env),
  toolUsage() {},
  tokenUsage() {},
  end: () => false,
};
