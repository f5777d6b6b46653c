/** One agent that an orchestrator has told of: its operation, and its decision in the spawn ledger. */
import { type Context, ROOT_CONTEXT, context } from '@opentelemetry/api';
import { carry } from '../carrier.ts';
import { AGENT_SPAWN, ATTR, TOKEN_USAGE } from '../conventions.ts';
import { given } from '../given.ts';
import { atExit } from '../listeners.ts';
import { log, messageOf } from '../log.ts';
import { type Operation, startOperation } from '../operation.ts';
import { randomUuid } from '../random-ids.ts';
import { recordEnd, recordStart, spawnLedgerPath } from './ledger-of-spawns.ts';
import type { Outcome } from './ledger-schema.ts';
import { type SpawnOptions, Usage, errorType, spawnAttributes, spawnName } from './spawn-attributes.ts';

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

export class AgentSpawn implements Spawn {
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
    atExit(abandonPending);
    pending.add(this);
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

function abandonPending(): void {
  for (const spawn of pending) spawn.finish('abandoned');
}

/** Bad input is said, and recorded nowhere. */
export function complain(call: string, problem: unknown): void {
  log('error', 'spawns', `bad_${call}`, `spawns.${call}: ${messageOf(problem)}; nothing is recorded`);
}
