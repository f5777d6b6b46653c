/** The API for publishing artifacts from a program. */
import type { Artifact } from './artifact.ts';
import { listed } from './artifact-list.ts';
import { emitter } from './events.ts';
import { Transcript, type TranscriptOptions } from './transcript.ts';
import type { ExportEvents, PublishOptions, PublishResult } from './publish-options.ts';

export type { Artifact, ReadyArtifact } from './artifact.ts';
export type { Budget, Counts, FallbackSummary, Manifest, ManifestArtifact, ManifestResult, PublishContext } from './manifest.ts';
export type { BudgetLimits, Chain, ChainOutcome, ExportEvents, PublishOptions, PublishResult, WriteEvent } from './publish-options.ts';
export type { Transcript, TranscriptArtifact, TranscriptChange, TranscriptEntry, TranscriptEvent, TranscriptFormat, TranscriptOptions } from './transcript.ts';
export type { SkippedReason, WriteContext, WriteResult, WriteStatus, Writer } from './writer.ts';

type Publishing = typeof import('./publish.ts');
let loading: Promise<void> | undefined;
let publishing: Publishing | undefined;

type Listener<K extends keyof ExportEvents> = (...values: ExportEvents[K]) => void;

/**
 * Publishing artifacts from a program, each to every place that it should go.
 *
 * ```js
 * const { allLanded } = await exports.publish([{ name: 'report.html', file: 'dist/report.html' }], { to: 'github,dir:out' });
 * ```
 *
 * In CommonJS the name is taken by Node: `const { exports: artifacts } = require('spoor')`.
 */
export const exports = {
  /**
   * Publishes every artifact to every chain. Never rejects: whatever a writer does, what came of each artifact at
   * each writer is in the result and in the manifest; a bad artifact or destination is a failed result.
   * @param artifacts read to the end before the first is written; contents are held, files and streams are not
   */
  publish(artifacts: Iterable<Artifact> | AsyncIterable<Artifact>, options: PublishOptions): Promise<PublishResult> {
    const list = listed(artifacts, options);
    if (publishing !== undefined) return publishing.publish(list, options);
    // An app that publishes nothing does not load it.
    loading ??= import('./publish.ts').then((loaded) => void (publishing = loaded));
    return loading.then(() => publishing!.publish(list, options));
  },

  /** Begins a transcript: what happens in a run, in order, the newest entries, to be published. */
  transcript(options?: TranscriptOptions): Transcript {
    return new Transcript(options);
  },

  /** Calls `listener` for each write that ended so (`written`, `failed`, `skipped`, `handed_over`), or with a publish's result (`done`). */
  on<K extends keyof ExportEvents>(event: K, listener: Listener<K>): void {
    emitter.on(event, listener);
  },

  /** Calls it no more. */
  off<K extends keyof ExportEvents>(event: K, listener: Listener<K>): void {
    emitter.off(event, listener);
  },
};
