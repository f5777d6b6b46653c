/** One destination with its fallbacks: what the first does not take goes to the next. */
import type { Entry } from './entry.ts';
import { bounded, errorCode, errorText } from './faults.ts';
import { Lanes } from './lanes.ts';
import { type Publication, writeOne, writeSeveral } from './write.ts';
import { type WriteResult, type Writer, landed } from './writer.ts';
import type { ChainOutcome } from './publish-options.ts';

/** A part of a chain; the writer is made when its turn comes. Never rejects. */
export interface Part {
  readonly text: string;
  writer(): Promise<Writer>;
}

/** Of each destination: in one word why it took nothing, and the first sentence that tells more. */
type Reasons = Map<string, Map<string, string>>;

type Turn = (writer: Writer) => Promise<void>;

async function runChain(publication: Publication, parts: readonly Part[], index: number, entries: readonly Entry[], lanesOf: (writer: Writer) => Lanes, turn: Turn): Promise<ChainOutcome> {
  const missing: string[] = [];
  const reasons: Reasons = new Map();
  let left = entries;
  for (const part of parts) {
    if (left.length === 0) break;
    const results = await runPart(publication, part, index, left, lanesOf, turn).catch((error: unknown) => broken(publication, part, index, left, error));
    const next: Entry[] = [];
    for (const [i, result] of results.entries()) {
      if (landed(result)) continue;
      const entry = left[i]!;
      // One that cannot be read is no better off with the next writer.
      if (entry.known === undefined) missing.push(entry.name);
      else next.push(entry);
      const said = reasons.get(part.text) ?? new Map<string, string>();
      const word = reason(result);
      if (!said.has(word)) reasons.set(part.text, said.set(word, sentence(result) ?? word));
    }
    left = next;
  }
  for (const { name } of left) missing.push(name);
  const chain = parts.map(({ text }) => text);
  return { chain, missing, problem: missing.length === 0 ? undefined : problem(chain, missing.length, entries.length, reasons) };
}

async function runPart(publication: Publication, part: Part, index: number, entries: readonly Entry[], lanesOf: (writer: Writer) => Lanes, turn: Turn): Promise<WriteResult[]> {
  const writer = await part.writer();
  await turn(writer);
  const lanes = lanesOf(writer);
  if (writer.writeAll) return (await lanes.all(1, () => writeSeveral(publication, writer, index, entries))).flat();
  return lanes.all(entries.length, (i) => writeOne(publication, writer, index, entries[i]!));
}

/** A writer that cannot even be looked at. */
function broken(publication: Publication, { text }: Part, chain: number, entries: readonly Entry[], error: unknown): WriteResult[] {
  const at = { writer: { id: 'unknown', target: text }, chain, startedAt: Date.now(), durationMs: 0 };
  const result: WriteResult = { status: 'failed', errorCode: errorCode(error), error: errorText(error) };
  for (const entry of entries) publication.record(entry, entry.known, at, result);
  return entries.map(() => result);
}

/**
 * All chains at once; what tells what came of the others waits for them, wherever in its chain it is.
 * @param onOthers called when all chains have ended or wait
 */
export async function runChains(publication: Publication, chains: readonly (readonly Part[])[], entries: readonly Entry[], concurrency: number, onOthers: () => void): Promise<ChainOutcome[]> {
  const shared = new Lanes(concurrency);
  const own = new Map<Writer, Lanes>();
  const lanesOf = (writer: Writer): Lanes => {
    if (writer.concurrency === undefined) return shared;
    const lanes = own.get(writer) ?? new Lanes(writer.concurrency);
    own.set(writer, lanes);
    return lanes;
  };
  /** Chains that have come neither to their end nor to one that waits. */
  const under = new Set(chains.keys());
  let open!: () => void;
  const others = new Promise<void>((resolve) => (open = resolve));
  const arrive = (index: number): void => {
    if (!under.delete(index) || under.size > 0) return;
    onOthers();
    open();
  };
  return Promise.all(
    chains.map(async (parts, index) => {
      const turn: Turn = async ({ last }) => {
        if (last !== true) return;
        arrive(index);
        await others;
      };
      const outcome = await runChain(publication, parts, index, entries, lanesOf, turn);
      arrive(index);
      return outcome;
    }),
  );
}

function reason({ status, skippedReason, errorCode, exitCode }: WriteResult): string {
  if (status === 'skipped') return (skippedReason ?? 'unavailable').replaceAll('_', ' ');
  return exitCode !== undefined && errorCode === 'exit_code' ? `exit code ${exitCode}` : (errorCode ?? 'failed').replaceAll('_', ' ');
}

/** In one line, and no more than a terminal shows of it; the manifest has all. */
function sentence({ error }: WriteResult): string | undefined {
  // oxlint-disable-next-line no-control-regex
  return error === undefined ? undefined : bounded(error.replace(/[\u0000-\u001f\u007f]+/g, ' '), 200);
}

function problem(chain: readonly string[], missing: number, all: number, reasons: Reasons): string {
  const why = Array.from(reasons, ([text, said]) => `${text}: ${[...said.values()].slice(0, 3).join(', ')}`).join('; ');
  return `${chain.join(',')}: ${missing === all ? 'nothing was published' : `${missing} of ${all} artifacts were not published`} (${why})`;
}
