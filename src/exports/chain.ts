/** One destination with its fallbacks: what the first does not take goes to the next. */
import type { Entry } from './entry.ts';
import { Lanes } from './lanes.ts';
import { type Publication, writeOne, writeSeveral } from './write.ts';
import { type WriteResult, type Writer, landed } from './writer.ts';
import type { ChainOutcome } from './publish-options.ts';

/** A part of a chain; the writer is made when its turn comes. Never rejects. */
export interface Part {
  readonly text: string;
  writer(): Promise<Writer>;
}

async function runChain(publication: Publication, parts: readonly Part[], index: number, entries: readonly Entry[], lanesOf: (writer: Writer) => Lanes): Promise<ChainOutcome> {
  const missing: string[] = [];
  const reasons = new Map<string, Set<string>>();
  let left = entries;
  for (const part of parts) {
    if (left.length === 0) break;
    const writer = await part.writer();
    const lanes = lanesOf(writer);
    const these = left;
    const results = writer.writeAll
      ? (await lanes.all(1, () => writeSeveral(publication, writer, index, these))).flat()
      : await lanes.all(these.length, (i) => writeOne(publication, writer, index, these[i]!));
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
  const shared = new Lanes(concurrency);
  const own = new Map<Writer, Lanes>();
  const lanesOf = (writer: Writer): Lanes => {
    if (writer.concurrency === undefined) return shared;
    const lanes = own.get(writer) ?? new Lanes(writer.concurrency);
    own.set(writer, lanes);
    return lanes;
  };
  const firsts = await Promise.all(chains.map(([first]) => first?.writer()));
  const outcomes: Promise<ChainOutcome>[] = [];
  for (const last of [false, true]) {
    for (const [index, parts] of chains.entries()) {
      if ((firsts[index]?.last === true) === last) outcomes[index] = runChain(publication, parts, index, entries, lanesOf);
    }
    if (!last && firsts.some((first) => first?.last)) await Promise.all(outcomes);
  }
  return Promise.all(outcomes);
}

function reason({ status, skippedReason, errorCode, exitCode }: WriteResult): string {
  if (status === 'skipped') return (skippedReason ?? 'unavailable').replaceAll('_', ' ');
  return exitCode !== undefined && errorCode === 'exit_code' ? `exit code ${exitCode}` : (errorCode ?? 'failed').replaceAll('_', ' ');
}

function problem(chain: readonly string[], missing: number, all: number, reasons: ReadonlyMap<string, ReadonlySet<string>>): string {
  const why = Array.from(reasons, ([text, said]) => `${text}: ${[...said].slice(0, 3).join(', ')}`).join('; ');
  return `${chain.join(',')}: ${missing === all ? 'nothing was published' : `${missing} of ${all} artifacts were not published`} (${why})`;
}
