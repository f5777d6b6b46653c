/** The manual API for agents. */
import { types } from 'node:util';
import { type Context, ROOT_CONTEXT, context } from '@opentelemetry/api';
import { carry } from '../carrier.ts';
import { AGENT_SPAWN, ATTR, TOKEN_USAGE } from '../conventions.ts';
import { atExit } from '../listeners.ts';
import { log, messageOf } from '../log.ts';
import { type Operation, startOperation } from '../operation.ts';
import { randomUuid } from '../random-ids.ts';
import { follow } from './follow.ts';
import { recordEnd, recordStart, spawnLedgerPath } from './ledger-of-spawns.ts';
import type { Outcome } from './ledger-schema.ts';
import { type SpawnOptions, Usage, checkedOptions, errorType, spawnAttributes, spawnName } from './spawn-attributes.ts';

export type { SpawnOptions } from './spawn-attributes.ts';

export interface StartSpawnOptions extends SpawnOptions {
  /** The ledger is `<repoPath>/.spoor/telemetry.json`. Default: `telemetry.json` beside the other telemetry. */
  readonly repoPath?: string | undefined;
  /** Does not continue the active trace: for an agent that outlives what started it. Default: false. */
  readonly detachedContext?: boolean | undefined;
}

export interface EndSpawnOptions {
  readonly outcome: 'completed' | 'failed' | 'blocked';
  /** With `failed`: its code or class becomes `error.type`; its message is not recorded. */
  readonly error?: unknown;
}

/** One agent, from its start to its outcome. */
export interface Spawn {
  /** Unique; the ledger's decision has the same id. Empty when the input was bad. */
  readonly id: string;
  /** Holds the agent's span: what runs within it becomes its child. */
  readonly context: Context;
  readonly traceId: string;
  /** Runs `fn` with the agent's span as the active one. */
  with<T>(fn: () => T): T;
  /** The environment for a child process of the agent: a copy of `env` (default: this process's) that carries the trace. */
  environment(env?: NodeJS.ProcessEnv): Record<string, string>;
  /** Adds to the tools used, such as `{ read: 3, bash: 1 }`: positive whole numbers, of 64 tools at most. */
  toolUsage(uses: Readonly<Record<string, number>>): void;
  /** Adds to the tokens used: whole numbers, such as `{ input: 900, output: 120 }`. */
  tokenUsage(tokens: { readonly input?: number | undefined; readonly output?: number | undefined }): void;
  /** Sets the outcome. Only the first call counts: true for it, false for any other. */
  end(options: EndSpawnOptions): boolean;
}

const OUTCOMES: readonly unknown[] = ['completed', 'failed', 'blocked'];

/** Those that have not ended: abandoned when the process exits. */
const pending = new Set<AgentSpawn>();

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
      const spawn = new AgentSpawn(checked, options.repoPath, options.detachedContext === true);
      atExit(abandonPending);
      pending.add(spawn);
      return spawn;
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

class AgentSpawn implements Spawn {
  readonly id = randomUuid();
  readonly #operation: Operation;
  readonly #ledger: string;
  readonly #usage = new Usage();

  constructor(options: SpawnOptions, repoPath: string | undefined, detached: boolean) {
    this.#operation = startOperation(AGENT_SPAWN, spawnName(options), {
      attributes: spawnAttributes(this.id, options),
      ...(detached && { parent: ROOT_CONTEXT }),
    });
    this.#ledger = spawnLedgerPath(repoPath);
    recordStart(this.#ledger, this.id, { task: options.task ?? '', caste: options.role, model: options.model, source: options.source });
  }

  get context(): Context {
    return this.#operation.context;
  }

  get traceId(): string {
    return this.#operation.span.spanContext().traceId;
  }

  with<T>(fn: () => T): T {
    return context.with(this.context, fn);
  }

  environment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
    return carry(this.context, env);
  }

  toolUsage(uses: Readonly<Record<string, number>>): void {
    if (!this.#operation.ended && !given(() => this.#usage.addTools(uses))) complain('toolUsage', 'tools and positive whole numbers are expected, such as { read: 3 }');
  }

  tokenUsage(tokens: { readonly input?: number | undefined; readonly output?: number | undefined }): void {
    if (this.#operation.ended) return;
    const { input, output } = given(() => ({ input: tokens?.input ?? 0, output: tokens?.output ?? 0 })) ?? { input: NaN, output: 0 };
    if (!this.#usage.addTokens(input, output)) return complain('tokenUsage', 'whole numbers are expected, such as { input: 900, output: 120 }');
    for (const [type, used] of Object.entries({ input, output })) {
      if (used > 0) this.#operation.record(TOKEN_USAGE, used, { ...this.#operation.attributes, [ATTR.GEN_AI_TOKEN_TYPE]: type });
    }
  }

  end(options: EndSpawnOptions): boolean {
    const { outcome, error } = given(() => ({ outcome: options.outcome, error: options.error })) ?? {};
    if (outcome !== undefined && OUTCOMES.includes(outcome)) return this.finish(outcome, error);
    complain('end', `outcome must be one of ${OUTCOMES.join(', ')}`);
    return false;
  }

  finish(outcome: Outcome, error?: unknown): boolean {
    pending.delete(this);
    const ended = this.#operation.end({
      attributes: { ...this.#usage.attributes, [ATTR.SPAWN_OUTCOME]: outcome },
      ...(outcome === 'failed' && { error: { type: errorType(error) } }),
    });
    if (ended) recordEnd(this.#ledger, this.id, { outcome, tools: this.#usage.tools, tokens: this.#usage.input + this.#usage.output });
    return ended;
  }
}

/** What can be read of what the app gives; undefined where that throws. */
function given<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function abandonPending(): void {
  for (const spawn of pending) spawn.finish('abandoned');
}

function complain(call: string, problem: unknown): void {
  log('error', 'spawns', `bad_${call}`, `spawns.${call}: ${messageOf(problem)}; nothing is recorded`);
}

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
