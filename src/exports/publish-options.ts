/** What `exports.publish` takes, and what it answers. */
import type { Artifact } from './artifact.ts';
import type { CommandTable } from './writers/command-table.ts';
import type { Manifest, ManifestResult } from './manifest.ts';
import type { Writer } from './writer.ts';

/** One destination, with its fallbacks: `github,buildkite,dir:out`, a writer, or a list of both, tried in order. */
export type Chain = string | Writer | readonly (string | Writer)[];

/** The most that a publish may take before it is over its budget. Over it nothing is stopped: it is in the manifest. */
export interface BudgetLimits {
  /** Milliseconds. */
  readonly duration?: number | undefined;
  /** Bytes of all artifacts together. */
  readonly size?: number | undefined;
  /** Writes that failed, at most; 0 allows none. */
  readonly failures?: number | undefined;
}

export interface PublishOptions {
  /** Every artifact goes to each of these chains. A text or a writer is one chain, a list is a list of chains. */
  readonly to: string | Writer | readonly Chain[];
  /** What the publish is called in its span and manifest: few values. Default: `artifacts`. */
  readonly name?: string | undefined;
  /** Milliseconds for one write to one writer. Default: 2 minutes, 10 for GitHub, Buildkite and InfluxDB. */
  readonly timeout?: number | undefined;
  /** Writes at a time. Default: 8. */
  readonly concurrency?: number | undefined;
  /** Cancels: what is not done by then is `failed: cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Writes the manifest, runs nothing: every result is `skipped: dry_run`. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** The manifest's file, or a folder for `manifest.json`; beside it are `journal.jsonl` and `SHA256SUMS`. Files there that are not of a publish are left alone, and there is no manifest then. Default: `exports/<run id>/manifest.json` in spoor's directory. */
  readonly manifest?: string | undefined;
  /** The manifest of the publish before (a path, which may be that of `manifest`), whose counts in a row go on; none there counts nothing. Default: the newest in spoor's directory. */
  readonly previousManifest?: string | undefined;
  /** Flushes files to the device before they are renamed: they outlive a loss of power. Default: false. */
  readonly fsync?: boolean | undefined;
  /** Default: those of the configuration. */
  readonly budgets?: BudgetLimits | undefined;
  /** Commands for `command:<name>` in a chain. Default: `SPOOR_EXPORT_COMMANDS` (JSON, or the path of a file). */
  readonly commands?: CommandTable | undefined;
  /** What destinations relative to a folder, such as `dir:out`, are relative to. Default: the working directory. */
  readonly cwd?: string | undefined;
}

/** One write that ended, as listeners get it. */
export interface WriteEvent {
  readonly runId: string;
  readonly artifact: string;
  readonly result: ManifestResult;
}

/** What a program can listen to with `exports.on`. A listener that throws disturbs nothing. */
export interface ExportEvents {
  written: [WriteEvent];
  failed: [WriteEvent];
  skipped: [WriteEvent];
  handed_over: [WriteEvent];
  done: [PublishResult];
}

export interface ChainOutcome {
  /** As it was written. */
  readonly chain: readonly string[];
  /** Names of the artifacts that landed nowhere in this chain. */
  readonly missing: readonly string[];
  /** Why, in one line; undefined when nothing is missing. */
  readonly problem: string | undefined;
}

export interface PublishResult {
  readonly runId: string;
  readonly manifest: Manifest;
  /** Path of the manifest; undefined when it could not be written. */
  readonly manifestPath: string | undefined;
  /** One for each chain, in their order. */
  readonly chains: readonly ChainOutcome[];
  /** Every artifact landed in at least one chain. False too when the list of artifacts broke off. */
  readonly anyLanded: boolean;
  /** Every artifact landed in every chain; fallbacks count. False too when the list of artifacts broke off. */
  readonly allLanded: boolean;
  /** Whether a budget was exceeded. */
  readonly overBudget: boolean;
  /** What went wrong besides single writes, such as a manifest that could not be written. */
  readonly problems: readonly string[];
}

export type { Artifact };
