/** What `spoor spawn start` and `end` do. Between start and end, which are two processes, a spawn is a file. */
import { AGENT_SPAWN, ATTR, SCOPE, SPAWN_ACTIVE, SPAWN_DURATION, TOKEN_USAGE } from '../conventions.ts';
import { startOperation } from '../operation.ts';
import { randomUuid } from '../random-ids.ts';
import { type EndedSpan, runtime } from '../runtime.ts';
import { decisionOf, recordEnd, recordStart, spawnLedgerPath } from '../spawns/ledger-of-spawns.ts';
import { type OpenSpawn, takeOpenSpawn, writeOpenSpawn } from '../spawns/open-spawns.ts';
import { Usage, checkedOptions, spawnAttributes, spawnName } from '../spawns/spawn-attributes.ts';
import { start } from '../start.ts';
import { directoryOf } from './directory.ts';
import type { SpawnEndOptions, SpawnStartOptions } from './spawn.ts';
import { CliError, print } from './terminal.ts';

export function startSpawn(options: SpawnStartOptions): void {
  const directory = directoryOf(options.dir);
  start({ directory });
  const checked = checkedOptions(options);
  const id = randomUuid();
  const attributes = { ...spawnAttributes(id, checked), [ATTR.SPAWN_ENDS_ELSEWHERE]: true };
  const startTime = Date.now();
  // Makes the ids, the line in `starts/` and the active count. It is not ended here.
  const { span } = startOperation(AGENT_SPAWN, spawnName(checked), { attributes, startTime });
  const recorded = span as Partial<EndedSpan>;
  const ledger = spawnLedgerPath(undefined, directory);
  const { traceId, spanId, traceFlags } = span.spanContext();
  try {
    writeOpenSpawn(directory, {
      id,
      ledger,
      name: spawnName(checked),
      traceId,
      spanId,
      traceFlags,
      startTime,
      ...(recorded.parentSpanContext && { parentSpanId: recorded.parentSpanContext.spanId }),
      attributes: { ...attributes, ...recorded.attributes },
    });
  } catch (error) {
    throw new CliError(`the spawn cannot be recorded: ${(error as Error).message}`);
  }
  recordStart(ledger, id, { task: checked.task ?? '', caste: checked.role, model: checked.model, source: checked.source });
  // Whoever was to end it does not have its id.
  const onLost = ({ code = 'failed' }: NodeJS.ErrnoException): void => endSpawn(id, { outcome: 'failed', errorType: code, inputTokens: 0, outputTokens: 0, tool: {}, ...(options.dir !== undefined && { dir: options.dir }) });
  print(options.json ? JSON.stringify({ id, trace_id: traceId, span_id: spanId }) : id, onLost);
}

export function endSpawn(id: string, options: SpawnEndOptions): void {
  const directory = directoryOf(options.dir);
  start({ directory });
  // Whoever takes the file ends the spawn: once, however many shells try.
  const spawn = takeOpenSpawn(directory, id);
  if (spawn === undefined) {
    const outcome = decisionOf(spawnLedgerPath(undefined, directory), id)?.outcome;
    throw new CliError(outcome === undefined ? `there is no open spawn ${id} in ${directory}` : `the spawn ${id} has ended already: ${outcome}`);
  }
  const usage = new Usage();
  usage.addTools(options.tool);
  usage.addTokens(options.inputTokens, options.outputTokens);
  writeEnd(spawn, usage, options);
  recordEnd(spawn.ledger, id, { outcome: options.outcome, tools: usage.tools, tokens: usage.input + usage.output });
  if (options.json) print(JSON.stringify({ id, trace_id: spawn.traceId, outcome: options.outcome, seconds: (Date.now() - spawn.startTime) / 1000 }));
}

function writeEnd(spawn: OpenSpawn, usage: Usage, { outcome, errorType = 'failed' }: SpawnEndOptions): void {
  const current = runtime();
  if (current === undefined) return;
  const end = Math.max(Date.now(), spawn.startTime);
  const failed = outcome === 'failed';
  const { [ATTR.SPAWN_ENDS_ELSEWHERE]: _, ...initial } = spawn.attributes;
  const attributes = { ...initial, ...usage.attributes, [ATTR.SPAWN_OUTCOME]: outcome, ...(failed && { [ATTR.ERROR_TYPE]: errorType }) };
  const context = { traceId: spawn.traceId, spanId: spawn.spanId, traceFlags: spawn.traceFlags };
  current.write({
    name: spawn.name,
    kind: AGENT_SPAWN.spanKind,
    spanContext: () => context,
    ...(spawn.parentSpanId !== undefined && { parentSpanContext: { ...context, spanId: spawn.parentSpanId, isRemote: true } }),
    startTime: time(spawn.startTime),
    endTime: time(end),
    status: { code: failed ? 2 : 0 },
    attributes: { ...attributes, [ATTR.SEQUENCE]: current.nextSequence() },
    links: [],
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    instrumentationScope: SCOPE,
  });
  const origin = (spawn.traceFlags & 1) === 1 ? context : undefined;
  current.recorder.record(SPAWN_DURATION, (end - spawn.startTime) / 1000, attributes, origin);
  current.recorder.record(SPAWN_ACTIVE, -1, initial, origin);
  for (const [type, used] of [['input', usage.input], ['output', usage.output]] as const) {
    if (used > 0) current.recorder.record(TOKEN_USAGE, used, { ...attributes, [ATTR.GEN_AI_TOKEN_TYPE]: type }, origin);
  }
  current.settled();
}

function time(milliseconds: number): [number, number] {
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1_000_000];
}
