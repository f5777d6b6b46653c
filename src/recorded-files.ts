/** The files that a process records to. */
import type { Config } from './config.ts';
import { RollupFile } from './rollup/rollup-file.ts';
import type { Rollup } from './rollup/rollup.ts';
import { Appender } from './store/append.ts';

declare const require: NodeJS.Require;

export interface RecordedFiles {
  readonly traces: Appender;
  readonly starts: Appender;
  readonly numbers: RollupFile;
}

export interface FilesOptions {
  readonly rollup: Rollup;
  /** OTLP/JSON array. */
  readonly resource: string;
  readonly onDropped: (reason: string, count: number) => void;
}

/** They are made when the first line is written. */
export function openFiles(config: Config, { rollup, resource, onDropped }: FilesOptions): RecordedFiles {
  const { directory } = config;
  const traces = { maxAge: config.tracesMaxAge, maxBytes: config.tracesMaxSize };
  const rollups = { maxAge: config.rollupsMaxAge, maxBytes: config.rollupsMaxSize };
  const lines = new Appender({ directory, signal: 'rollups', onDropped, onNewHour: () => compactLastHour(directory), ...rollups });
  return {
    traces: new Appender({ directory, signal: 'traces', onDropped, ...traces }),
    starts: new Appender({ directory, signal: 'starts', onDropped, ...traces }),
    numbers: new RollupFile({ rollup, append: (line) => lines.append(line), resource, interval: config.flushInterval }),
  };
}

/** If it is quickly done: the app waits for it. Where the package is gone, another process does it. */
function compactLastHour(directory: string): void {
  try {
    const { compactClosedHours } = require('./compact.cjs') as typeof import('../exporters/compact.ts');
    compactClosedHours(directory, { now: Date.now(), maxBytes: 1_000_000, newest: 1 });
  } catch {
    // As long as it is as it was.
  }
}
