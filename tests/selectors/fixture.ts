/** Programs that resolve selectors, run as children, and what they left. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT, type RecordedSpan, type Result, run, spans, temporaryDirectory, totals } from '../support/program.ts';

export interface Left {
  readonly directory: string;
  readonly result: Result;
  /** What the program gave to `say`. */
  readonly said: any[];
  readonly spans: readonly RecordedSpan[];
  /** Without the prefix of their names. */
  readonly totals: Readonly<Record<string, number>>;
}

/** Runs `code` as a module with `selectors`, `start` and `say` at hand; it has to end well, and quietly unless told. */
export async function program(code: string, { directory = temporaryDirectory(), env = {}, quiet = true }: { directory?: string; env?: NodeJS.ProcessEnv; quiet?: boolean } = {}): Promise<Left> {
  const head = `import { selectors, start, SelectorNotFoundError } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))};
    start(); const said = []; const say = (value) => said.push(value);
    process.once('exit', () => console.log(JSON.stringify(said)));
    const caught = (promise) => promise.then(() => { throw new Error('it did not reject'); }, (error) => error);\n`;
  const result = await run(process.execPath, ['--input-type=module', '-e', head + code], { env: { SPOOR_DIR: directory, ...env } });
  expect([result.code, quiet ? result.stderr : '']).toEqual([0, '']);
  return { directory, result, said: JSON.parse(result.stdout), spans: spans(directory), totals: totals(directory) };
}

/** Attributes of selectors, without the prefix, and without what every span has. */
export function facts({ attributes }: RecordedSpan): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => name !== 'spoor.correlation.id' && name !== 'spoor.sequence')
      .map(([name, value]) => [name.replace('spoor.selector.', ''), value]),
  );
}

/** Sum of a number over all series, or those whose name has every one of the parts. */
export function sum(totals: Readonly<Record<string, number>>, name: string, ...parts: string[]): number {
  return Object.entries(totals)
    .filter(([series]) => series.split(' ')[0] === `spoor.selector.${name}` && parts.every((part) => series.includes(part)))
    .reduce((all, [, count]) => all + count, 0);
}

/** All that was written, as one text. */
export function everything(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(2);
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}
