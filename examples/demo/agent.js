/**
 * Run as a child: one agent. It does the one task it is named after, for real, and prints what came of it
 * as JSON. Exit code 0: completed; 1: failed; 75 (EX_TEMPFAIL): blocked, somebody else has to act first.
 * Its "tokens" are the words that it read and wrote: it is no language model, but it counts honestly.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { kilobytes, sources } from './sources.js';

const folder = process.env.DEMO_FOLDER;
const used = { input: 0, output: 0, tools: {} };
const words = (text) => text.split(/\s+/).length;
const use = (tool, times = 1) => void (used.tools[tool] = (used.tools[tool] ?? 0) + times);

function read(path) {
  const text = readFileSync(path, 'utf8');
  use('read');
  used.input += words(text);
  return text;
}

function write(name, text) {
  writeFileSync(join(folder, name), text);
  use('edit');
  used.output += words(text);
}

const TASKS = {
  plan() {
    const bySize = sources().map((path) => ({ path, lines: read(path).split('\n').length })).sort((a, b) => b.lines - a.lines);
    write('plan.json', JSON.stringify(bySize, null, 2));
    return { said: `${basename(bySize[0].path)} first, it has ${bySize[0].lines} lines` };
  },
  document() {
    const exported = sources().flatMap((path) => [...read(path).matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name));
    use('grep', sources().length);
    write('INDEX.md', exported.map((name) => `- ${name}`).join('\n'));
    return { said: `listed ${exported.length} exported names` };
  },
  verify() {
    const missing = sources().flatMap((path) =>
      [...read(path).matchAll(/ from '(\.[^']+)'/g)].filter(([, target]) => !existsSync(resolve(dirname(path), target))).map(([, target]) => target),
    );
    use('grep', sources().length);
    return missing.length === 0 ? { said: 'every relative import leads somewhere' } : { said: `leads nowhere: ${missing.join(', ')}`, code: 1 };
  },
  shrink() {
    const content = Buffer.from(sources().map(read).join('\n'));
    const size = brotliCompressSync(content).length;
    const wanted = content.length / 100;
    return { said: `${kilobytes(size)} is the best, ${kilobytes(wanted)} was asked for`, code: size <= wanted ? 0 : 1 };
  },
  publish() {
    if (!existsSync(join(folder, 'approval.txt'))) return { said: 'waits for an approval that nobody gave', code: 75 };
    return { said: 'published' };
  },
};

const { said, code = 0 } = TASKS[process.argv[2]]();
console.log(JSON.stringify({ said, ...used }));
process.exitCode = code;
