/** The window that a person asks for: `30m`, `24h`, `7d`, or a moment as ISO 8601. */

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export const SINCE_FORMS = 'a length of time (30m, 24h, 7d) or a moment (2026-11-21, 2026-11-21T14:00:00Z)';

/** Start of the window in epoch milliseconds; undefined when `text` is neither a length of time nor a moment. */
export function parseSince(text: string, now: number): number | undefined {
  const length = /^(\d+(?:\.\d+)?)\s*([smhdw])$/i.exec(text.trim());
  if (length !== null) {
    const start = now - Number(length[1]) * UNIT_MS[length[2]!.toLowerCase()]!;
    return Number.isFinite(start) ? Math.max(0, start) : undefined;
  }
  const day = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text.trim())?.[1];
  if (day === undefined || !isDay(day)) return undefined;
  const moment = Date.parse(text.trim());
  return Number.isNaN(moment) ? undefined : moment;
}

/** JavaScript counts on from the end of a month: it takes 31 February for 3 March. */
function isDay(day: string): boolean {
  const start = Date.parse(day);
  return !Number.isNaN(start) && new Date(start).toISOString().startsWith(day);
}
