/**
 * spoor's own log: to stderr, faults only unless `OTEL_LOG_LEVEL` asks for more, one JSON object a line
 * with `SPOOR_LOG=json`. It is not OpenTelemetry's `diag`: setting a logger there would take the global
 * that the app's own SDK may want, and through an older api copy make the app's registrations no-ops.
 */
import { writeSync } from 'node:fs';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** OpenTelemetry's level names; `verbose` and `all` show all that we have. */
const THRESHOLDS: Record<string, number> = { none: 0, error: 1, warn: 2, info: 3, debug: 4, verbose: 5, all: 5 };
export const LOG_LEVELS = Object.keys(THRESHOLDS);

/** The same fault again and again (a full disk, say) is one line in this many milliseconds. */
const REPEAT_AFTER = 60_000;
const lastSaid = new Map<string, number>();

export interface LogFields {
  readonly correlationId?: string | undefined;
  readonly [field: string]: unknown;
}

/** What the runtime knows of how to speak. */
export interface LogSettings {
  readonly correlationId: () => string | undefined;
  readonly level: string;
  readonly form: string;
}

const KEY = Symbol.for('spoor.log');
type Slot = { [KEY]?: LogSettings };
const settings = (): LogSettings | undefined => (globalThis as Slot)[KEY];

/** For every copy of this log in the thread, from now on. */
export function setLog(given: LogSettings): void {
  Object.defineProperty(globalThis, KEY, { value: given, configurable: true });
}

/** Without a runtime, what this process was started with. */
function correlationId(): string | undefined {
  const { SPOOR_CORRELATION_ID: given, TRACEPARENT: parent } = process.env;
  try {
    return settings()?.correlationId() ?? (given?.trim() || parent?.trim().split('-')[1]);
  } catch {
    return undefined;
  }
}

/**
 * Says what happened, where, and what to do. Never throws.
 * @param component the part of spoor that speaks, such as `config`
 * @param event a stable name for the event, such as `write_failed`; repeats of a fault are held back by it
 */
export function log(level: LogLevel, component: string, event: string, message: string, fields: LogFields = {}): void {
  const asked = settings()?.level ?? process.env.OTEL_LOG_LEVEL?.trim().toLowerCase();
  const threshold = (asked ? THRESHOLDS[asked] : undefined) ?? 2;
  if (THRESHOLDS[level]! > threshold) return;
  if (level === 'error' || level === 'warn') {
    const said = lastSaid.get(event);
    if (said !== undefined && Date.now() - said < REPEAT_AFTER) return;
    if (lastSaid.size < 100) lastSaid.set(event, Date.now());
  }
  const { correlationId: id, ...rest } = fields;
  const line =
    (settings()?.form ?? process.env.SPOOR_LOG) === 'json'
      ? JSON.stringify({
          time: new Date().toISOString(),
          level,
          component: `spoor.${component}`,
          event,
          message,
          correlation_id: id ?? correlationId(),
          pid: process.pid,
          ...rest,
        })
      : `spoor: ${message}`;
  try {
    writeSync(2, `${inOneLine(line)}\n`);
  } catch {
    // A stderr that is closed or full is no reason to disturb the app.
  }
}

/** In a message: `1 line`, `2 lines`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/**
 * Names in a message come from anywhere, and the agents of CIs look for commands in what a job says: for `::` and
 * `##[` at the beginning of a line, for `##vso[` anywhere in it.
 */
function inOneLine(line: string): string {
  return line.replace(/[\r\n]+/g, ' ').replace(/##(?=\[|vso\[)/gi, '\\u0023#');
}

/** What an app's error says. It may be anything, and reading it may throw. */
export function messageOf(error: unknown): string {
  try {
    const message: unknown = (error as Error | undefined | null)?.message;
    return typeof message === 'string' ? message : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
