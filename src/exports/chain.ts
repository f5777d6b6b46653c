/** One destination with its fallbacks: what the first does not take goes to the next. */
import pLimit from 'p-limit';
import type { Entry } from './entry.ts';
import { type Publication, writeOne, writeSeveral } from './write.ts';
import { type WriteResult, type Writer, landed } from './writer.ts';
import type { ChainOutcome } from './publish-options.ts';

/** A part of a chain; the writer is made when its turn comes. Never rejects. */
export interface Part {
  readonly text: string;
  writer(): Promise<Writer>;
}

type Limit = <T>(action: () => Promise<T>) => Promise<T>;

async function runChain(publication: Publication, parts: readonly Part[], index: number, entries: readonly Entry[], limitFor: (writer: Writer) => Limit): Promise<ChainOutcome> {
  const missing: string[] = [];
  const reasons = new Map<string, Set<string>>();
  let left = entries;
  for (const part of parts) {
    if (left.length === 0) break;
    const writer = await part.writer();
    const limit = limitFor(writer);
    const results = writer.writeAll
      ? await limit(() => writeSeveral(publication, writer, index, left))
      : await Promise.all(left.map((entry) => limit(() => writeOne(publication, writer, index, entry))));
    const next: Entry[] = [];
    for (const [i, result] of results.entries()) {
      if (landed(result)) continue;
      const entry = left[i]!;
      // One that cannot be read is no better off with the next writer.
      if (entry.known === undefined) missing.push(entry.name);
      else next.push(entry);
      const said = reasons.get(part.text) ?? new Set();
      reasons.set(part.text, said.add(reason(result)));
    }
    left = next;
  }
  for (const { name } of left) missing.push(name);
  const chain = parts.map(({ text }) => text);
  return { chain, missing, problem: missing.length === 0 ? undefined : problem(chain, missing.length, entries.length, reasons) };
}

/** All chains at once; those that tell what came of the others wait for them. */
export async function runChains(publication: Publication, chains: readonly (readonly Part[])[], entries: readonly Entry[], concurrency: number): Promise<ChainOutcome[]> {
  const shared = limited(concurrency, chains.length * entries.length);
  const own = new Map<Writer, Limit>();
  const limitFor = (writer: Writer): Limit => {
    if (writer.concurrency === undefined) return shared;
    const limit = own.get(writer) ?? limited(writer.concurrency, entries.length);
    own.set(writer, limit);
    return limit;
  };
  const outcomes: ChainOutcome[] = [];
  for (const last of [false, true]) {
    await Promise.all(
      chains.map(async (parts, index) => {
        const first = await parts[0]?.writer();
        if ((first?.last === true) === last) outcomes[index] = await runChain(publication, parts, index, entries, limitFor);
      }),
    );
  }
  return outcomes;
}

/** @param most how many actions there can be */
function limited(concurrency: number, most: number): Limit {
  const width = concurrency >= 1 ? Math.floor(concurrency) : 1;
  return most <= width ? (action) => action() : (pLimit(width) as Limit);
}

function reason({ status, skippedReason, errorCode, exitCode }: WriteResult): string {
  if (status === 'skipped') return (skippedReason ?? 'unavailable').replaceAll('_', ' ');
  return exitCode !== undefined && errorCode === 'exit_code' ? `exit code ${exitCode}` : (errorCode ?? 'failed').replaceAll('_', ' ');
}

function problem(chain: readonly string[], missing: number, all: number, reasons: ReadonlyMap<string, ReadonlySet<string>>): string {
  const why = Array.from(reasons, ([text, said]) => `${text}: ${[...said].slice(0, 3).join(', ')}`).join('; ');
  return `${chain.join(',')}: ${missing === all ? 'nothing was published' : `${missing} of ${all} artifacts were not published`} (${why})`;
}
