/** Publishes artifacts: every one to every chain, each write on its own, and a manifest of what came of it. */
import { trace } from '@opentelemetry/api';
import type { Artifact } from './artifact.ts';
import { timeoutOf } from './attempt.ts';
import { type Part, runChains } from './chain.ts';
import { ATTR, EXPORT_PUBLISH } from '../conventions.ts';
import { correlation } from '../correlation.ts';
import { startOperation } from '../operation.ts';
import { log } from '../log.ts';
import { type Entry, entryOf } from './entry.ts';
import { emit } from './events.ts';
import { PublicationRecord } from './record.ts';
import { partsOf } from './parts.ts';
import type { PublishOptions, PublishResult } from './publish-options.ts';
import { Spool } from './spool.ts';
import type { Publication } from './write.ts';
import { announceOverrun, budgetsOf, exceeded } from './budgets.ts';
import { cachedCiContext } from './ci.ts';
import { commandTable } from './writers/command-table.ts';
import { skipAll } from './writers/dry-run.ts';

import type { Budget } from './manifest.ts';
const TIMEOUT = 120_000;
const CONCURRENCY = 8;

/**
 * Publishes artifacts. Never rejects: what goes wrong is in the result and in the manifest.
 * @param artifacts read to the end before the first is written; contents are held, files and streams are not
 */
export async function publish(artifacts: Iterable<Artifact> | AsyncIterable<Artifact>, options: PublishOptions = {} as PublishOptions): Promise<PublishResult> {
  const { name = 'artifacts', concurrency = CONCURRENCY, cwd = process.cwd(), dryRun = false } = options;
  const timeout = timeoutOf(options.timeout, TIMEOUT);
  const began = performance.now();
  const { context, attributes } = cachedCiContext();
  const operation = startOperation(EXPORT_PUBLISH, `publish ${name}`, { attributes });
  const { traceId } = operation.span.spanContext();
  const correlationId = correlation.id(operation.context);
  const isTraced = trace.isSpanContextValid(operation.span.spanContext());
  const cancelled = options.signal;
  const problems: string[] = [];

  const chains = partsOf(options.to);
  const record = new PublicationRecord(options, {
    name,
    ...(dryRun && { dryRun }),
    context,
    chains: chains.map((parts) => parts.map(({ text }) => text)),
    ...(correlationId !== undefined && { correlationId }),
    ...(isTraced && { traceId }),
  }, problems);
  const spool = new Spool(record.folder);
  const entries = await entriesOf(artifacts, { spool, cwd, idle: timeout, signal: cancelled }, problems);
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
  const settings = { cwd, env: process.env, fsync: options.fsync ?? false, commands: commandTable(options.commands, process.env), reserved: record.reserved, name, runId: record.runId };
  const made = chains.map((parts) => parts.map((part): Part => (dryRun ? { text: part.text, writer: async () => skipAll(part.text) } : { text: part.text, writer: () => part.make(settings) })));
  const budgetsByNow = (): Budget[] => budgetsOf(options.budgets, { durationMs: performance.now() - began, size: record.size, failures: record.counts.failed });
  let told: readonly Budget[] = [];
  const outcomes = await runChains(publication, made, entries, concurrency, () => (record.budgets = told = budgetsByNow()));

  if (dryRun) await Promise.allSettled(entries.map(async (entry) => (await entry.ready()).digest()));
  const budgets = budgetsByNow();
  const manifest = record.finish(budgets, entries);
  if (spool.isUsed) await spool.remove().catch((error: Error) => problems.push(`temporary files could not be removed: ${error.message}`));
  const overBudget = exceeded(budgets);
  if (overBudget && !dryRun) await announceOverrun(manifest, told, settings, timeout, problems);

  const result: PublishResult = {
    runId: record.runId,
    manifest,
    manifestPath: record.path,
    chains: outcomes,
    anyLanded: entries.every((entry) => entry.known !== undefined && record.landed(entry)),
    allLanded: outcomes.every(({ missing }) => missing.length === 0),
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

async function entriesOf(artifacts: Iterable<Artifact> | AsyncIterable<Artifact>, preparing: Parameters<typeof entryOf>[2], problems: string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  const taken = new Set<string>();
  try {
    if (Array.isArray(artifacts)) for (const artifact of artifacts as readonly Artifact[]) entries.push(entryOf(artifact, taken, preparing));
    else for await (const artifact of artifacts) entries.push(entryOf(artifact, taken, preparing));
  } catch (error) {
    problems.push(`the list of artifacts ended with an error after ${entries.length}: ${(error as Error).message}`);
  }
  return entries;
}
