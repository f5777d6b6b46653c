import Table from 'cli-table3';

const BARE = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map((name) => [name, '']),
);

/** Columns without a frame, two spaces apart; right-aligned where `right` says so. Colours have no width. */
export function aligned(head: string[] | undefined, rows: string[][], right: readonly boolean[]): string {
  const width = rows[0]?.length ?? head?.length ?? 0;
  const table = new Table({
    ...(head && { head }),
    colAligns: Array.from({ length: width }, (_, i) => (right[i] ? 'right' : 'left')),
    chars: { ...BARE, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  table.push(...rows);
  return table.toString().split('\n').map((line) => line.trimEnd()).join('\n');
}
