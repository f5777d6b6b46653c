import { describe, expect, test } from 'vitest';
import { REGISTER, run, spans, temporaryDirectory } from '../support/program.ts';
import { NO_SDK, OWN_SDK } from './apps.ts';
import { app, node24, program } from './fixture.ts';

const cases = [
  { line: 'sdk-2', on: 'this Node', module: 'cjs' },
  { line: 'sdk-2', on: 'this Node', module: 'mjs' },
  { line: 'sdk-2', on: 'Node 24', module: 'cjs' },
  { line: 'sdk-2', on: 'Node 24', module: 'mjs' },
  { line: 'sdk-3', on: 'Node 24', module: 'cjs' },
  { line: 'sdk-3', on: 'Node 24', module: 'mjs' },
] as const;

/** Ids by name, as the program told them on stderr. */
function ids(stderr: string): Record<string, string> {
  return JSON.parse(/^IDS (.*)$/m.exec(stderr)![1]!) as Record<string, string>;
}

const nodeFor = async (on: string): Promise<string> => (on === 'Node 24' ? node24() : process.execPath);

describe.each(cases)('$line, $module, $on', ({ line, on, module }) => {
  test('an SDK of the app’s own sees what it sees without us, and ours are written below its spans', async () => {
    const binary = await nodeFor(on);
    const file = program(await app(line), `app.${module}`, OWN_SDK);
    const directory = temporaryDirectory();
    const bare = await run(binary, [file]);
    for (const preload of ['--require', '--import']) {
      const ours = await run(binary, [preload, REGISTER, file], { env: { SPOOR_DIR: directory } });
      expect(ours.stdout, ours.stderr).toBe(bare.stdout);
      expect(ours.code).toBe(0);
      const { outer } = ids(ours.stderr);
      const below = spans(directory).filter((span) => span.parentSpanId === outer);
      expect(below.map((span) => [span.scope, span.name])).toEqual([['spoor', 'true'], ['spoor', 'true'], ['spoor', 'worker [eval]'], ['spoor', 'true']]);
    }
    const written = spans(directory);
    expect(bare.stdout).toContain('"outer"');
    expect(new Set(written.map((span) => span.scope))).toEqual(new Set(['spoor']));
    expect(written).toHaveLength(8);
  });

  test('without an SDK its spans are written, in their context, by their own scope', async () => {
    const file = program(await app(line), `app.${module}`, NO_SDK);
    const directory = temporaryDirectory();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { stdout, stderr } = await run(await nodeFor(on), ['--require', REGISTER, file], { env: { SPOOR_DIR: directory, TRACEPARENT: traceparent } });
    expect(JSON.parse(stdout)).toEqual({ carrier: ['traceparent'], heard: 2, left: 1 });
    expect(stderr).toBe('');
    const written = spans(directory);
    const outer = written.find((span) => span.name === 'outer')!;
    expect(outer).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331', scope: 'app', status: { code: 2 } });
    expect(outer.attributes).toEqual({ a: 1, 'spoor.correlation.id': outer.traceId });
    const tree = Object.fromEntries(written.filter((span) => span !== outer).map((span) => [span.name, span.parentSpanId]));
    expect(tree).toEqual({ true: outer.spanId, inner: outer.spanId, later: outer.spanId, heard: outer.spanId, 'other root': undefined });
  });
});
