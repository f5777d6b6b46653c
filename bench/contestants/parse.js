// @ts-check
/** Reads every file of a directory and parses every line: what any reader has to do, and nothing more. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

for (const name of readdirSync(process.argv[2] ?? '', { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.jsonl')) continue;
  const bytes = readFileSync(join(process.argv[2] ?? '', name));
  for (let from = 0; from < bytes.length; ) {
    const to = bytes.indexOf(10, from);
    JSON.parse(bytes.toString('utf8', from, to));
    from = to + 1;
  }
}
