/** The pages that lead through the backends: links lead somewhere, and what they name is there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { SETTINGS } from '../../src/config-schema.ts';
import { CLI, ROOT, run, temporaryDirectory } from '../support/program.ts';
import { configFiles, documents, text, yaml } from './files.ts';

const PAGES = ['docs/first-alert.md', 'docs/runbook.md', 'docs/scale.md'];
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const anchors = (markdown: string): string[] => [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));

it.each(PAGES)('%s: links lead somewhere', (path) => {
  for (const [, target] of read(path).matchAll(/\]\(([^)]+)\)/g)) {
    const [file, anchor] = target!.split('#') as [string, string?];
    const linked = file === '' ? path : join(dirname(path), file);
    expect([target, existsSync(join(ROOT, linked))]).toEqual([target, true]);
    if (anchor !== undefined) expect(anchors(read(linked))).toContain(anchor);
  }
});

it.each(PAGES)('%s: settings, commands and configuration files that it names exist', async (path) => {
  const page = read(path);
  const settings = new Set(Object.values(SETTINGS).map(({ variable }) => variable as string));
  expect([...page.matchAll(/\bSPOOR_[A-Z_]+/g)].map(([name]) => name).filter((name) => !settings.has(name))).toEqual([]);
  const { stdout: help } = await run(process.execPath, [CLI, '--help']);
  const commands = [...page.matchAll(/(?:`|npx |^)spoor ([a-z]+)/gm)].map(([, name]) => name!);
  expect(commands.filter((name) => !help.includes(`\n  ${name} `))).toEqual([]);
  const collectors = configFiles().map(text).join('\n');
  const variables = [...page.matchAll(/`(KEEP_PERCENT|SLOW_MS|[a-z]+_wait|num_traces|max_traces|queue_size)`/g)].map(([, name]) => name!);
  expect(variables.filter((name) => !collectors.includes(name))).toEqual([]);
  const files = [...page.matchAll(/`([\w/-]+\.ya?ml)`/g)].map(([, name]) => name!.replace(/^collector-config\//, ''));
  expect(files.filter((name) => !configFiles().some((known) => known === name || known.endsWith(`/${name}`)))).toEqual([]);
});

it('the number of files that the first step names is right', async () => {
  const { stdout } = await run(process.execPath, [CLI, 'init', 'laptop'], { cwd: temporaryDirectory() });
  expect(read('docs/first-alert.md')).toContain(`writes ${/Wrote (\d+) files/.exec(stdout)![1]} files to \`collector-config/\``);
});

it('Jaeger’s memory is within its limits, by the arithmetic of the page', () => {
  const [, kilobytes] = /\| Jaeger, in memory \| a span \| [^|]+ \| ([\d.]+) KB \|/.exec(read('docs/scale.md'))!;
  const traces: number = yaml('jaeger/jaeger.yaml').extensions.jaeger_storage.backends.main.memory.max_traces;
  const gigabytes = (traces * 10 * Number(kilobytes)) / 1e6;
  expect(read('docs/scale.md')).toContain(`the ${traces.toLocaleString('en-US')} of \`jaeger.yaml\` are ${gigabytes} GB at 10 spans each`);
  const limits: string[] = [yaml('compose.yaml').services.jaeger.mem_limit, documents(text('kubernetes/jaeger.yaml'))[0].spec.template.spec.containers[0].resources.limits.memory];
  for (const limit of limits) expect(Number(/^(\d+)Gi?$/i.exec(limit)![1])).toBeGreaterThan(1.3 * gigabytes);
});

it('the tables of measurements have the columns that the scripts print', () => {
  const page = read('docs/scale.md');
  for (const script of ['scripts/scale.js', 'scripts/scale-backends.js']) {
    const columns = [.../markdownTable\(\[\[([^\]]*)\]/.exec(read(script))![1]!.matchAll(/'([^']*)'/g)].map(([, name]) => name!);
    expect(page).toContain(`| ${columns.join(' | ')} |`);
  }
});
