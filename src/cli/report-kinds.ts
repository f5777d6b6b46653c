/** The kinds of operation that `spoor report` knows: each is a view of its own, loaded when it is asked for. */
import type { Colors } from '../report/words.ts';

export interface ReportRequest {
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly now: number;
  /** How many of the slowest, the last failures and the like. */
  readonly top: number;
  readonly onBytes: (bytes: number) => void;
}

/** What was found, in every form that a person may ask for. */
export interface ReportView {
  /** Said in place of the text when there is nothing to show. */
  readonly nothing: string | undefined;
  readonly json: () => Readonly<Record<string, unknown>>;
  readonly csv: () => string;
  readonly markdown: () => string;
  readonly text: (colors: Colors) => string;
}

export const REPORT_KINDS = {
  spawn: async () => (await import('./report-spawn.ts')).spawnView,
  selector: async () => (await import('./report-selector.ts')).selectorView,
  export: async () => (await import('./report-export.ts')).exportView,
} satisfies Record<string, () => Promise<(request: ReportRequest) => ReportView>>;

export type ReportKind = keyof typeof REPORT_KINDS;
