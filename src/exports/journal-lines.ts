/** What a journal says of each artifact: that it is published, and what came of it at a writer. */
import type { Entry } from './entry.ts';
import type { ArtifactLine, ResultLine } from './fold.ts';
import type { ManifestResult } from './manifest.ts';
import type { Ready } from './ready-bytes.ts';

export class JournalLines {
  /** Which artifact of its name it is, of those that are not the first. */
  readonly #nth = new Map<Entry, number>();

  /** Tells artifacts of one name apart. */
  number(entries: readonly Entry[]): void {
    const named = new Map<string, number>();
    for (const entry of entries) {
      const nth = (named.get(entry.name) ?? 0) + 1;
      named.set(entry.name, nth);
      if (nth > 1) this.#nth.set(entry, nth);
    }
  }

  artifact(entry: Entry): ArtifactLine {
    const { name, type, mediaType, metadata } = entry;
    const nth = this.#nth.get(entry);
    return { type: 'artifact', name, ...(nth !== undefined && { nth }), artifactType: type, mediaType, metadata };
  }

  result(entry: Entry, result: ManifestResult, ready: Ready | undefined): ResultLine {
    const line: { -readonly [K in keyof ResultLine]: ResultLine[K] } = { type: 'result', artifact: entry.name, result };
    const nth = this.#nth.get(entry);
    if (nth !== undefined) line.nth = nth;
    if (ready !== undefined) line.size = ready.size;
    if (ready?.sha256 !== undefined) line.sha256 = ready.sha256;
    return line;
  }
}
