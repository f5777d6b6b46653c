/**
 * What came of a publish as Markdown for a CI's step summary: counts, the outcome of each artifact at each
 * destination (what did not land first), commands that were not found, budgets. The manifests of several shards of
 * a job make one summary.
 */
import { row, markdownRows, markdownText } from './markdown.ts';
import { BUDGET_UNITS, type Counts, type Manifest, type ManifestArtifact, type ManifestResult } from './manifest.ts';

export interface Summary {
  readonly text: string;
  /** Rows of the outcome table that had no place. */
  readonly cut: number;
}

interface Outcome {
  readonly job: string;
  readonly artifact: ManifestArtifact;
  readonly result: ManifestResult;
}

const WORDS: Readonly<Record<ManifestResult['status'], string>> = { written: '✅ written', handed_over: '📤 handed over', skipped: '⏭️ skipped', failed: '❌ failed' };
const ORDER: readonly ManifestResult['status'][] = ['failed', 'skipped', 'handed_over', 'written'];

/** Cut by whole rows, so that it has at most `maxBytes` (UTF-8); empty when not even its beginning fits. */
export function exportSummary(manifests: readonly Manifest[], maxBytes: number): Summary {
  const outcomes = manifests
    .flatMap((manifest) => manifest.artifacts.flatMap((artifact) => artifact.results.map((result): Outcome => ({ job: jobOf(manifest), artifact, result }))))
    .sort((a, b) => ORDER.indexOf(a.result.status) - ORDER.indexOf(b.result.status));
  const beginning = `${heading(manifests)}${notFound(manifests)}${budgets(manifests)}`;
  const columns = [...(manifests.length > 1 ? ['Job'] : []), 'Artifact', 'Size', 'Destination', 'Outcome', 'Why'];
  const head = `${markdownRows(columns, [])}`;
  let left = maxBytes - Buffer.byteLength(beginning) - Buffer.byteLength(head) - Buffer.byteLength(cutText(outcomes.length));
  if (left < 0) return { text: '', cut: outcomes.length };
  let table = '';
  let shown = 0;
  for (const outcome of outcomes) {
    const line = row(cells(outcome, manifests.length > 1));
    left -= Buffer.byteLength(line);
    if (left < 0) break;
    table += line;
    shown++;
  }
  const cut = outcomes.length - shown;
  return { text: `${beginning}${outcomes.length === 0 ? '' : `${head}${table}`}${cut === 0 ? '\n' : cutText(cut)}`, cut };
}

function heading(manifests: readonly Manifest[]): string {
  const total = (key: keyof Counts): number => manifests.reduce((sum, { counts }) => sum + counts[key], 0);
  const names = [...new Set(manifests.map(({ name }) => name))].map(markdownText).join(', ');
  const failed = total('failed');
  const facts = [
    total('attempted') === 1 ? '1 artifact' : `${total('attempted')} artifacts`,
    `${total('written')} written`,
    ...(total('handedOver') > 0 ? [`${total('handedOver')} handed over to an agent that uploads later`] : []),
    ...(failed > 0 ? [`**${failed} failed**`] : []),
    ...(total('skipped') > 0 ? [`${total('skipped')} skipped`] : []),
    ...(manifests.length > 1 ? [`from ${manifests.length} manifests`] : []),
  ];
  const notes = [
    ...(manifests.some(({ dryRun }) => dryRun) ? ['A dry run: nothing was published.'] : []),
    ...(manifests.some(({ state }) => state === 'running') ? ['Not complete: a publish was ended before it was done.'] : []),
  ];
  const traces = [...new Set(manifests.flatMap(({ traceId }) => traceId ?? []))].slice(0, 5);
  return `### Exports: ${names}\n\n${facts.join(' · ')}\n\n${notes.map((note) => `${note}\n\n`).join('')}${traces.length > 0 ? `Trace ${traces.map((id) => `\`${id.replace(/[^0-9a-f]/g, '')}\``).join(', ')}\n\n` : ''}`;
}

/** The commands that were not found, and how often in a row by now: what recurs is no accident. */
function notFound(manifests: readonly Manifest[]): string {
  const byWriter = new Map<string, { artifacts: number; inARow: number; fellBack: number }>();
  for (const { fallbackSummary } of manifests) {
    for (const [writer, { commandNotFound, commandNotFoundInARow, fellBack }] of Object.entries(fallbackSummary)) {
      if (commandNotFound === 0) continue;
      const known = byWriter.get(writer) ?? { artifacts: 0, inARow: 0, fellBack: 0 };
      // Shards run side by side: of what is counted in a row, the longest row counts.
      byWriter.set(writer, { artifacts: known.artifacts + commandNotFound, inARow: Math.max(known.inARow, commandNotFoundInARow), fellBack: known.fellBack + fellBack });
    }
  }
  if (byWriter.size === 0) return '';
  const rows = [...byWriter].map(([writer, { artifacts, inARow, fellBack }]) => [markdownText(writer), String(artifacts), String(fellBack), inARow > 1 ? `⚠️ **${inARow} publishes in a row**` : 'first time']);
  return `${markdownRows(['Command not found', 'Artifacts', 'Landed elsewhere', 'Recurs'], rows)}\n`;
}

function budgets(manifests: readonly Manifest[]): string {
  const exceeded = manifests.flatMap((manifest) => manifest.budgets.filter((budget) => budget.exceeded).map((budget) => ({ job: jobOf(manifest), ...budget })));
  if (exceeded.length === 0) return '';
  return `${markdownRows(['Over budget', 'Limit', 'Actual', 'Job'], exceeded.map(({ name, limit, actual, job }) => [`⚠️ ${name}`, `${limit}${BUDGET_UNITS[name]}`, `${actual}${BUDGET_UNITS[name]}`, markdownText(job)]))}\n`;
}

function cells({ job, artifact, result }: Outcome, withJob: boolean): string[] {
  const { status, target, url, skippedReason, errorCode, error, exitCode } = result;
  const name = markdownText(artifact.name);
  const why = [skippedReason ?? errorCode, exitCode === undefined || exitCode === 0 ? undefined : `exit ${exitCode}`, error].filter((one) => one !== undefined);
  return [
    ...(withJob ? [markdownText(job)] : []),
    url !== undefined && /^https?:\/\/[^\s<>()|[\]\\]+$/.test(url) ? `[${name}](<${url}>)` : name,
    artifact.size === undefined ? '' : bytes(result.bytes ?? artifact.size),
    markdownText(target),
    WORDS[status],
    markdownText(why.join(': ').slice(0, 300)),
  ];
}

/** Of a matrix, the run's own id tells the shards apart. */
function jobOf({ context, runId }: Manifest): string {
  return context['cicd.pipeline.task.name'] ?? runId;
}

function cutText(rows: number): string {
  return `\n… and ${rows} more, all in the manifest.\n\n`;
}

function bytes(size: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = size;
  for (; value >= 1_000 && unit < units.length - 1; unit++) value /= 1_000;
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
