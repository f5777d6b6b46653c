/** Holds the code to the table "Rooms" in docs/architecture.md: what may import what. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { ROOT } from '../support/program.ts';

interface Room {
  readonly path: string;
  readonly mayImport: readonly string[];
}

function rooms(): Room[] {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const table = /<!-- rooms -->([\s\S]*?)<!-- \/rooms -->/.exec(page)![1]!;
  const paths = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').slice(1, -1))
    .map(([room, , imports]) => ({ path: paths(room!)[0]!, mayImport: paths(imports!) }));
}

const files = ['src', 'exporters']
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
  .filter((path) => path.endsWith('.ts'));

/** What each file imports once its types are gone: static, dynamic and `require`. */
async function imports(): Promise<Map<string, readonly string[]>> {
  const { metafile } = await build({
    entryPoints: files,
    absWorkingDir: ROOT,
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    // Asked for by the preload at run time: the other bundles.
    external: ['./*.cjs'],
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  return new Map(Object.entries(metafile.inputs).map(([path, input]) => [path, input.imports.map((found) => found.path)]));
}

const within = (path: string, room: string): boolean => (room.endsWith('/') ? path.startsWith(room) : path === room);

function roomOf(path: string): Room | undefined {
  return rooms()
    .filter((room) => within(path, room.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

const ours = (path: string): boolean => path.startsWith('src/') || path.startsWith('exporters/');

it('every file is in a room, and every room is there', () => {
  expect(files.filter((path) => roomOf(path) === undefined)).toEqual([]);
  expect(rooms().map(({ path }) => path).filter((room) => !files.some((path) => within(path, room)))).toEqual([]);
});

it('a room imports what its row names, and nothing else', async () => {
  const broken: string[] = [];
  const unused = new Set(rooms().flatMap(({ path, mayImport }) => mayImport.map((allowed) => `${path} does not import ${allowed}`)));
  for (const [path, imported] of await imports()) {
    const room = roomOf(path);
    for (const target of imported.filter(ours)) {
      if (room === undefined || roomOf(target)?.path === room.path) continue;
      const allowed = room.mayImport.filter((one) => within(target, one));
      if (allowed.length === 0) broken.push(`${path} imports ${target}`);
      for (const one of allowed) unused.delete(`${room.path} does not import ${one}`);
    }
  }
  expect([...broken, ...unused]).toEqual([]);
});

it('nothing that reads files back, and nothing that a preload loads at once, reaches the SDK', async () => {
  const graph = await imports();
  const sdk = /^@opentelemetry\/(sdk-|exporter-|otlp-|resources)/;
  const reached = (from: string): string[] => {
    const seen = new Set<string>();
    const found = new Set<string>();
    const queue = [from];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      for (const target of graph.get(path) ?? []) {
        if (ours(target)) queue.push(target);
        else if (sdk.test(target)) found.add(`${from} reaches ${target} by ${path}`);
      }
    }
    return [...found];
  };
  const readers = files.filter((path) => /^src\/(report|cli|store|rollup)\/|^src\/register\.ts$/.test(path));
  expect(readers.flatMap(reached)).toEqual([]);
});

it('there is no room for what has no name of its own', () => {
  expect(files.filter((path) => /(^|\/)(utils?|helpers?|common|types|misc)(\.ts$|\/)/.test(path))).toEqual([]);
});
