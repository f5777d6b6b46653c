/** Runs a program that drives a browser without spoor, and with it: the app must not be able to tell. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { program } from '../guest/fixture.ts';
import { REGISTER, ROOT, type RecordedSpan, type Result, run, spans, temporaryDirectory } from '../support/program.ts';

export interface Subject {
  /** Folder of the app, with its driver. */
  readonly folder: string;
  readonly node: string;
  /** `app.mjs` or `app.cjs`. */
  readonly file: string;
  readonly source: string;
  readonly env: NodeJS.ProcessEnv;
  /** What `./instrument.cjs` is, where the program is instrumented by hand; else `spoor/register` is preloaded. */
  readonly byHand?: string | undefined;
}

export interface Compared {
  readonly plain: Result;
  readonly traced: Result;
  readonly directory: string;
}

const NOTHING = 'exports.instrument = () => {};';

/** Both runs, of the same file. */
export async function compare({ folder, node, file, source, env, byHand }: Subject): Promise<Compared> {
  const path = program(folder, file, source);
  const instrument = join(dirname(path), 'instrument.cjs');
  const upload = join(dirname(path), 'upload.txt');
  writeFileSync(upload, 'uploaded');
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  const common = { UPLOAD: upload, ...env };
  writeFileSync(instrument, NOTHING);
  const plain = await run(node, [path], { env: common });
  writeFileSync(instrument, byHand ?? NOTHING);
  const preload = byHand === undefined ? ['--require', REGISTER] : [];
  const traced = await run(node, [...preload, path], { env: { ...common, SPOOR_DIR: directory, SPOOR: join(ROOT, 'dist/src/index.js') } });
  return { plain, traced, directory };
}

/** And that they are the same. */
export async function unchanged(subject: Subject): Promise<Compared> {
  const compared = await compare(subject);
  const { plain, traced } = compared;
  expect(traced).toEqual(plain);
  expect(plain).toMatchObject({ code: 0, stderr: '' });
  return compared;
}

/** The spans of selector operations, in the order of their starts. */
export function operations(directory: string): RecordedSpan[] {
  return spans(directory)
    .filter(({ attributes }) => attributes['spoor.selector.operation'] !== undefined)
    .sort((a, b) => Number(a.start - b.start));
}

/** `click #name → not_found` */
export function described(directory: string): string[] {
  return operations(directory).map(({ name, attributes }) =>
    [name, attributes['spoor.selector.text'], attributes['error.type'] && `→ ${String(attributes['error.type'])}`].filter(Boolean).join(' '),
  );
}
