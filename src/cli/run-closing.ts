/** The line that closes a run, as text and as JSON. */
import { clean, counted, duration } from '../report/words.ts';
import { ciSafeJson, colors } from './terminal.ts';

export interface Closing {
  readonly executable: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly seconds: number;
  readonly traceId: string;
  /** Undefined where nothing can be counted: the trace is not sampled, or not in files. */
  readonly counts: { readonly spawns: number; readonly failed: number } | undefined;
  readonly isSampled: boolean;
  /** Whether anything was written. */
  readonly isKept: boolean;
  /** Undefined where files are off. */
  readonly directory: string | undefined;
  /** What could not be kept, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** What is not sent yet, in words. */
  readonly unsent: string | undefined;
}

export function closingText({ executable, code, signal, seconds, traceId, counts, isSampled, isKept, directory, dropped, unsent }: Closing): string {
  const color = colors(process.stderr);
  const ended = signal !== null ? `ended by ${signal}` : code === 0 ? 'ok' : `exit ${code}`;
  const lost = Object.keys(dropped).join(', ');
  return [
    `spoor: ${clean(executable)} ${ended} in ${duration(seconds)}`,
    counts && `${counted(counts.spawns, 'spawn')}, ${counts.failed > 0 ? color.red(`${counts.failed} failed`) : 'none failed'}`,
    isSampled ? undefined : 'not sampled',
    lost ? color.red(`${isKept ? 'not all' : 'none'} of it could be kept in ${directory} (${lost})`) : `data in ${directory}`,
    counts && `spoor traces ${traceId.slice(0, 12)}`,
    unsent && color.red(unsent),
  ]
    .filter((part) => part !== undefined)
    .join(color.dim(' · '));
}

export function closingJson({ executable, code, signal, seconds, traceId, counts, directory, dropped, unsent }: Closing): string {
  return ciSafeJson(
    {
      executable,
      exit_code: code,
      signal,
      seconds: Number(seconds.toFixed(6)),
      trace_id: traceId,
      spawns: counts?.spawns ?? null,
      failures: counts?.failed ?? null,
      directory: directory ?? null,
      dropped,
      unsent: unsent ?? null,
    },
    0,
  );
}
