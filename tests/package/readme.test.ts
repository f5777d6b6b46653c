/** The commands of the README and of docs/ work, as a reader would type them; CONTRIBUTING.md says how blocks are marked. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deadPort } from '../ship/backend.ts';
import { ROOT, run } from '../support/program.ts';
import { install, pack, temporaryFolder } from './installed.ts';

interface Block {
  readonly file: string | undefined;
  readonly runs: 'project' | 'repo' | undefined;
  readonly text: string;
}

function blocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\S+)[ \t]*([^\n]*)\n([\s\S]*?)^```/gm)].map(([, language, info, text]) => {
    const words = info!.trim().split(/\s+/);
    const runs = language !== 'sh' || !words.includes('run') ? undefined : words.includes('repo') ? 'repo' : 'project';
    return { file: words.find((word) => word.startsWith('file='))?.slice(5), runs, text: text! };
  });
}

/** Ports in the pages: something else may listen on this machine's, which is to get nothing of a test's. */
const PORTS = /\b(?:4318|8799)\b/g;
const others = new Map<string, string>();

const folder = temporaryFolder();
let project: string;
beforeAll(async () => {
  for (const port of ['4318', '8799']) others.set(port, String(await deadPort()));
  // As `npm init` makes it.
  project = await install(folder, 'commonjs', await pack(folder));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pages = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((page) => page.endsWith('.md') && /^```sh.* run\b/m.test(readFileSync(join(ROOT, page), 'utf8')));

it.each(pages)('runs every command that %s marks', async (page) => {
  const marked = blocks(readFileSync(join(ROOT, page), 'utf8').replaceAll(PORTS, (port) => others.get(port)!));
  expect(marked.filter(({ runs }) => runs !== undefined).length).toBeGreaterThan(0);
  for (const { file, runs, text } of marked) {
    if (file !== undefined) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      writeFileSync(join(project, file), text);
    }
    if (runs === undefined) continue;
    const cwd = runs === 'repo' ? ROOT : project;
    const PATH = [join(project, 'node_modules/.bin'), process.env.PATH].join(delimiter);
    const result = await run('sh', ['-e', '-c', text], { cwd, env: { PATH } });
    expect(result.code, `${text}\n${result.stdout}\n${result.stderr}`).toBe(0);
  }
}, 180_000);

it('finds the pages', () => expect(pages).toContain('README.md'));

it('knows the marks', () => {
  const example = '```sh run\na\n```\n```sh run repo\nb\n```\n```js file=x.js\nc\n```\n```sh\nd\n```\n';
  expect(blocks(example)).toEqual([
    { file: undefined, runs: 'project', text: 'a\n' },
    { file: undefined, runs: 'repo', text: 'b\n' },
    { file: 'x.js', runs: undefined, text: 'c\n' },
    { file: undefined, runs: undefined, text: 'd\n' },
  ]);
});
