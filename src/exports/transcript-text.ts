/** A transcript as JSON, CSV and Markdown. */
import { csvText } from './csv.ts';
import { log } from '../log.ts';
import { markdownRows, markdownText } from './markdown.ts';
import type { Transcript } from './transcript.ts';
import type { TranscriptEntry } from './transcript-entry.ts';

export type TranscriptFormat = 'json' | 'csv' | 'markdown';

export interface TranscriptArtifact {
  readonly name: string;
  readonly content: string;
  readonly type: 'transcript';
  readonly metadata: { readonly entries: number; readonly dropped: number };
}

type Source = Pick<Transcript, 'name' | 'entries' | 'size' | 'dropped'>;

const SCHEMA_VERSION = 1;

function isoTime({ timestamp }: TranscriptEntry): string {
  return new Date(timestamp).toISOString();
}

export function transcriptJson({ name, entries, dropped }: Source): string {
  const written = entries.map(({ sequence, event, promptId, title, action, timestamp, narrative, metadata }) => ({
    sequence,
    event,
    promptId,
    title,
    action,
    timestamp,
    isoTime: new Date(timestamp).toISOString(),
    narrative,
    metadata,
  }));
  return `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, name, recorded: entries.length + dropped, dropped, entries: written }, null, 2)}\n`;
}

export function transcriptCsv({ entries }: Source): string {
  return csvText(
    ['sequence', 'event', 'prompt_id', 'title', 'action', 'timestamp', 'iso_time', 'narrative', 'metadata'],
    entries.map((entry) => [
      entry.sequence,
      entry.event,
      entry.promptId,
      entry.title,
      entry.action,
      entry.timestamp,
      isoTime(entry),
      entry.narrative,
      entry.metadata === undefined ? undefined : JSON.stringify(entry.metadata),
    ]),
  );
}

export function transcriptMarkdown({ name, entries, dropped }: Source): string {
  const rows = entries.map((entry) => [
    String(entry.sequence),
    markdownText(entry.event),
    markdownText(entry.title ?? entry.promptId ?? ''),
    markdownText(entry.action ?? ''),
    isoTime(entry),
    markdownText(entry.narrative ?? ''),
  ]);
  const missing = dropped === 0 ? '' : `Not kept, the oldest: ${dropped}.\n\n`;
  return `# ${markdownText(name).replaceAll('<br>', ' ')}\n\n${missing}${markdownRows(['#', 'Event', 'Prompt', 'Action', 'Timestamp', 'Narrative'], rows)}`;
}

const WRITERS = { json: ['json', transcriptJson], csv: ['csv', transcriptCsv], markdown: ['md', transcriptMarkdown] } as const;

export function transcriptArtifacts(source: Source, formats: readonly TranscriptFormat[]): TranscriptArtifact[] {
  return [formats].flat().flatMap((format) => {
    if (!Object.hasOwn(WRITERS, format)) {
      log('error', 'exports', 'bad_transcript_option', `transcript "${source.name}": a format is one of ${Object.keys(WRITERS).join(', ')}, not ${String(format)}`);
      return [];
    }
    const [ending, write] = WRITERS[format];
    return { name: `${source.name}.${ending}`, content: write(source), type: 'transcript', metadata: { entries: source.size, dropped: source.dropped } };
  });
}
