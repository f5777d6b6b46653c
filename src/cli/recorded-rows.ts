/** Rows as JSON, CSV or Markdown, written to a file as they come: what is recorded may be larger than memory. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type CsvCell, csvRow } from '../exports/csv.ts';
import { markdownRows, markdownText, row as markdownRow } from '../exports/markdown.ts';

export type RowFormat = 'json' | 'csv' | 'markdown';
/** What is no plain value is JSON in CSV and Markdown. */
export type Row = Readonly<Record<string, unknown>>;

const CHUNK = 1 << 20;

/** Text into a file, in large writes. */
export class TextFile {
  readonly #descriptor: number;
  #parts: string[] = [];
  #length = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx', 0o600);
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length >= CHUNK) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#parts.join(''));
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#descriptor, bytes, from);
    this.#parts = [];
    this.#length = 0;
  }
}

export class RowFile {
  readonly #file: TextFile;
  readonly #format: RowFormat;
  readonly #columns: readonly string[];
  #count = 0;

  constructor(path: string, format: RowFormat, columns: readonly string[]) {
    this.#file = new TextFile(path);
    this.#format = format;
    this.#columns = columns;
    this.#file.write(format === 'json' ? '[' : format === 'csv' ? csvRow(columns) : markdownRows(columns, []));
  }

  /** The columns' values; in JSON, what is undefined is left out. */
  add(row: Row): void {
    if (this.#format === 'json') this.#file.write(`${this.#count === 0 ? '\n' : ',\n'}${JSON.stringify(row)}`);
    else if (this.#format === 'csv') this.#file.write(csvRow(this.#columns.map((column) => cell(row[column]))));
    else this.#file.write(markdownRow(this.#columns.map((column) => markdownText(String(cell(row[column]) ?? '')))));
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  close(): void {
    if (this.#format === 'json') this.#file.write('\n]\n');
    this.#file.close();
  }
}

function cell(value: unknown): CsvCell {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}
