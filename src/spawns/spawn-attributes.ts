/** What is told of an agent's spawn, checked, and as attributes of its span (GenAI agent spans, and our own). */
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../conventions.ts';

export interface SpawnOptions {
  /** What the agent is for, such as `builder` (others say caste). Required. */
  readonly role: string;
  /** The model that was chosen. Required. */
  readonly model: string;
  /** What it is to do, in words; recorded on the span and in the ledger, cut at 1,024 characters. */
  readonly task?: string | undefined;
  /** By what rule the model was chosen. Default: `caste-default`. */
  readonly source?: string | undefined;
  /** Default: the role. */
  readonly agentName?: string | undefined;
  readonly agentId?: string | undefined;
  /** The spawn that started this one, by its id. */
  readonly parent?: string | undefined;
  /** `gen_ai.provider.name`, such as `anthropic` or `openai`. */
  readonly provider?: string | undefined;
}

const MAX_TASK = 1024;
const MAX_NAME = 256;

/** The options as they are recorded. @throws TypeError naming what is wrong */
export function checkedOptions(options: SpawnOptions): SpawnOptions {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object with role and model');
  const checked: Record<string, string> = {};
  for (const name of ['role', 'model', 'task', 'source', 'agentName', 'agentId', 'parent', 'provider'] as const) {
    const value: unknown = options[name];
    const required = name === 'role' || name === 'model';
    if (value === undefined && !required) continue;
    if (typeof value !== 'string' || (required && value === '')) throw new TypeError(`${name} must be a text`);
    if (value !== '') checked[name] = value.slice(0, name === 'task' ? MAX_TASK : MAX_NAME);
  }
  return checked as unknown as SpawnOptions;
}

const DEFAULT_SPAWN_SOURCE = 'caste-default';

export function spawnName(options: SpawnOptions): string {
  return `invoke_agent ${options.agentName ?? options.role}`;
}

export function spawnAttributes(id: string, options: SpawnOptions): Attributes {
  const { role, model, task, source = DEFAULT_SPAWN_SOURCE, agentName = role, agentId, parent, provider } = options;
  return {
    [ATTR.SPAWN_KIND]: 'agent',
    [ATTR.SPAWN_ID]: id,
    [ATTR.SPAWN_ROLE]: role,
    [ATTR.SPAWN_SOURCE]: source,
    [ATTR.GEN_AI_OPERATION_NAME]: 'invoke_agent',
    [ATTR.GEN_AI_AGENT_NAME]: agentName,
    [ATTR.GEN_AI_REQUEST_MODEL]: model,
    ...(task !== undefined && { [ATTR.SPAWN_TASK]: task }),
    ...(agentId !== undefined && { [ATTR.GEN_AI_AGENT_ID]: agentId }),
    ...(parent !== undefined && { [ATTR.SPAWN_PARENT_ID]: parent }),
    ...(provider !== undefined && { [ATTR.GEN_AI_PROVIDER_NAME]: provider }),
  };
}

/** What an agent used so far. */
export class Usage {
  readonly tools: Record<string, number> = {};
  input = 0;
  output = 0;

  addTools(uses: Readonly<Record<string, number>>): boolean {
    const counts = Object.entries(uses ?? {});
    if (!counts.every(([tool, count]) => /^[\w.:-]{1,64}$/.test(tool) && Number.isSafeInteger(count) && count > 0)) return false;
    const added = counts.filter(([tool]) => !Object.hasOwn(this.tools, tool)).length;
    if (Object.keys(this.tools).length + added > 64) return false;
    for (const [tool, count] of counts) {
      const before = Object.hasOwn(this.tools, tool) ? this.tools[tool]! : 0;
      Object.defineProperty(this.tools, tool, { value: before + count, enumerable: true, configurable: true, writable: true });
    }
    return true;
  }

  addTokens(input: number, output: number): boolean {
    if (![input, output].every((tokens) => Number.isSafeInteger(tokens) && tokens >= 0)) return false;
    this.input += input;
    this.output += output;
    return true;
  }

  /** For the end of the span; nothing where nothing was told. */
  get attributes(): Attributes {
    const attributes: Attributes = {};
    if (Object.keys(this.tools).length > 0) attributes[ATTR.SPAWN_TOOL_USAGE] = JSON.stringify(this.tools);
    if (this.input > 0) attributes[ATTR.GEN_AI_USAGE_INPUT_TOKENS] = this.input;
    if (this.output > 0) attributes[ATTR.GEN_AI_USAGE_OUTPUT_TOKENS] = this.output;
    return attributes;
  }
}

/** Never the message: it can hold anything. The code, else the class; `failed` where nothing is told, or nothing can be read. */
export function errorType(error: unknown): string {
  if (typeof error === 'string' && isWord(error)) return error;
  try {
    const { type, code, name } = (typeof error === 'object' && error !== null ? error : {}) as { type?: unknown; code?: unknown; name?: unknown };
    return [type, code, name].find(isWord) ?? 'failed';
  } catch {
    return 'failed';
  }
}

const isWord = (text: unknown): text is string => typeof text === 'string' && /^[\w.:/-]{1,64}$/.test(text);
