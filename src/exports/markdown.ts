/** Any text as Markdown that shows just this text, in one line: in a table's cell, in a heading, in a list. */
export function markdownText(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]+/g, ' ')
      .replace(/[\\`*_{}[\]<>#+!|~&$@:]/g, '\\$&')
      // A dot and a bracket after a number at the beginning would begin a list.
      .replace(/^(\s*\d+)([.)])/, '$1\\$2')
      .replace(/[^\S\r\n]*(\r\n|[\r\n\u2028\u2029])[^\S\r\n]*/g, '<br>')
  );
}

/** A table; the cells are Markdown already. */
export function markdownRows(columns: readonly string[], rows: Iterable<readonly string[]>): string {
  let text = `${row(columns)}${row(columns.map(() => '---'))}`;
  for (const cells of rows) text += row(cells);
  return text;
}

export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}
