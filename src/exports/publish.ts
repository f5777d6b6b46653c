/** Publishes artifacts: every one to every chain, each write on its own, and a manifest of what came of it. */
import { setMaxListeners } from 'node:events';
import { trace } from '@opentelemetry/api';
import { steady } from '../clock.ts';
import { type ArtifactList, isSignal } from './artifact-list.ts';
import { timeoutOf } from './attempt.ts';
import { type Part, runChains } from './chain.ts';
import { ATTR, EXPORT_PUBLISH } from '../conventions.ts';
import { correlation } from '../correlation.ts';
import { startOperation } from '../operation.ts';
import { log } from '../log.ts';
import { word } from './described.ts';
import { type Entry, entryOf } from './entry.ts';
import { emit } from './events.ts';
import { errorText } from './faults.ts';
import { Fold } from './fold.ts';
import { PublicationRecord } from './record.ts';
import { runLine } from './run-line.ts';
import { partsOf } from './parts.ts';
import type { PublishOptions, PublishResult } from './publish-options.ts';
import { Spool } from './spool.ts';
import type { Publication } from './write.ts';
import { announceOverrun, budgetsOf, exceeded } from './budgets.ts';
import { cachedCiContext } from './ci.ts';
import type { Budget } from './manifest.ts';
import { commandTable } from './writers/command-table.ts';
import { skipAll } from './writers/dry-run.ts';

const TIMEOUT = 120_000;
const CONCURRENCY = 8;

/** Publishes artifacts. Never rejects: what goes wrong is in the result and in the manifest. */
export async function publish(list: ArtifactList | Promise<ArtifactList>, options: PublishOptions): Promise<PublishResult> {
  const problems: string[] = [];
  try {
    return await publishAll(list, options ?? {}, problems);
  } catch (error) {
    problems.push(`the publish ended with an error: ${errorText(error)}`);
  }
  const result = unfinished(problems);
  log('error', 'exports', 'publish_failed', problems.at(-1)!);
  emit('done', result);
  return result;
}

async function publishAll(list: ArtifactList | Promise<ArtifactList>, options: PublishOptions, problems: string[]): Promise<PublishResult> {
  const { concurrency = CONCURRENCY, cwd = process.cwd(), dryRun = false } = options;
  const name = word(options.name) ?? 'artifacts';
  const timeout = timeoutOf(options.timeout, TIMEOUT);
  const began = steady();
  const { context, attributes } = cachedCiContext();
  const operation = startOperation(EXPORT_PUBLISH, `publish ${name}`, { attributes });
  const { traceId } = operation.span.spanContext();
  const correlationId = correlation.id(operation.context);
  const isTraced = trace.isSpanContextValid(operation.span.spanContext());
  const cancelled = signalOf(options.signal, problems);
  // As many listen as there are writes at a time: no leak that the app should be warned of.
  if (cancelled instanceof AbortSignal) setMaxListeners(0, cancelled);

  const chains = partsOf(options.to);
  const record = new PublicationRecord(options, {
    name,
    ...(dryRun && { dryRun: true as const }),
    context,
    chains: chains.map((parts) => parts.map(({ text }) => text)),
    ...(correlationId !== undefined && { correlationId }),
    ...(isTraced && { traceId }),
  }, problems);
  const spool = new Spool(record.folder);
  const { artifacts, problem: listProblem } = await list;
  if (listProblem !== undefined) problems.push(listProblem);
  const taken = new Set<string>();
  const entries = artifacts.map((artifact): Entry => entryOf(artifact, taken, { spool, cwd, idle: timeout, signal: cancelled }));
  operation.setAttributes({ [ATTR.EXPORT_RUN_ID]: record.runId, [ATTR.EXPORT_ARTIFACTS]: entries.length });
  record.start(entries);

  const publication: Publication = {
    runId: record.runId,
    operation,
    correlationId,
    timeout,
    cancelled,
    timeouts: new Map(),
    folder: record.folder,
    temporaryDirectory: () => spool.folder(),
    manifest: () => record.manifest(),
    record: (entry, ready, at, result) => record.result(entry, ready, at, result),
  };
  const settings = { cwd, env: process.env, fsync: options.fsync ?? false, timeout: options.timeout, commands: commandTable(options.commands, process.env), reserved: record.reserved, name, runId: record.runId };
  const made = chains.map((parts) => parts.map((part): Part => (dryRun ? { text: part.text, writer: async () => skipAll(part.text) } : { text: part.text, writer: () => part.make(settings) })));
  const budgetsByNow = (): Budget[] => budgetsOf(options.budgets, { durationMs: steady() - began, size: record.size, failures: record.counts.failed });
  let told: readonly Budget[] = [];
  const outcomes = await runChains(publication, made, entries, concurrency, () => (record.budgets = told = budgetsByNow()));

  if (dryRun) await Promise.allSettled(entries.map(async (entry) => (await entry.ready()).digest()));
  const budgets = budgetsByNow();
  const manifest = record.finish(budgets, entries);
  if (spool.isUsed) await spool.remove().catch((error: Error) => problems.push(`temporary files could not be removed: ${error.message}`));
  const overBudget = exceeded(budgets);
  if (overBudget && !dryRun) await announceOverrun(manifest, told, settings, timeout, cancelled, problems);

  const result: PublishResult = {
    runId: record.runId,
    manifest,
    manifestPath: record.path,
    chains: outcomes,
    anyLanded: listProblem === undefined && entries.every((entry) => entry.known !== undefined && record.landed(entry)),
    allLanded: listProblem === undefined && outcomes.every(({ missing }) => missing.length === 0),
    overBudget,
    problems,
  };
  const { written, failed, skipped, handedOver } = manifest.counts;
  operation.end({
    attributes: {
      [ATTR.EXPORT_WRITTEN]: written,
      [ATTR.EXPORT_FAILED]: failed,
      [ATTR.EXPORT_SKIPPED]: skipped,
      [ATTR.EXPORT_HANDED_OVER]: handedOver,
      [ATTR.EXPORT_OUTCOME]: dryRun ? 'skipped' : result.allLanded ? 'written' : 'failed',
    },
    ...(!result.allLanded && !dryRun && { error: { type: 'not_landed' } }),
  });
  if (!dryRun) for (const { problem } of outcomes) if (problem !== undefined) log('warn', 'exports', `chain_${problem}`, problem, { correlationId });
  emit('done', result);
  return result;
}

/** Of a publish that ended with an error that nobody thought of: nothing is known of what landed. */
function unfinished(problems: readonly string[]): PublishResult {
  const fold = new Fold();
  const run = runLine({ name: 'artifacts', context: { ci: null }, chains: [] });
  fold.apply(run);
  fold.apply({ type: 'end', endedAt: run.startedAt, budgets: [], before: {} });
  return { runId: run.runId, manifest: fold.manifest(), manifestPath: undefined, chains: [], anyLanded: false, allLanded: false, overBudget: false, problems };
}

function signalOf(signal: AbortSignal | undefined, problems: string[]): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (isSignal(signal)) return signal;
  problems.push('the signal is no AbortSignal: the publish cannot be cancelled');
  return undefined;
}
