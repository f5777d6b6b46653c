import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { counted, runUntilReady } from '../support/ended.ts';
import { ROOT, lines, spans, temporaryDirectory } from '../support/program.ts';

const PROGRAM = join(ROOT, 'tests/programs/ends.cjs');

describe('every way to end keeps what was done, and is the end that it was', () => {
  test.each<[string, NodeJS.Signals | undefined, Record<string, number>]>([
    ['natural', undefined, { true: 1, sh: 1 }],
    ['exit', undefined, { true: 1, sh: 1 }],
    ['throw', undefined, { true: 1, sh: 1 }],
    ['reject', undefined, { true: 1, sh: 1 }],
    ['signal', 'SIGTERM', { true: 1, sh: 1 }],
    ['signal', 'SIGINT', { true: 1, sh: 1 }],
    ['signal', 'SIGKILL', { true: 1, sh: 1 }],
    ['loop', 'SIGKILL', { true: 61, sh: 1 }],
  ])('%s %s', async (how, signal, expected) => {
    const directory = temporaryDirectory();
    const plain = await runUntilReady([PROGRAM, how], { signal, plain: true });
    const traced = await runUntilReady([PROGRAM, how], { signal, env: { SPOOR_DIR: directory } });
    for (const { said } of [plain, traced]) for (const line of said) if (line.startsWith('sleeper ')) process.kill(Number(line.slice(8)), 'SIGKILL');

    expect({ code: traced.code, signal: traced.signal }).toEqual({ code: plain.code, signal: plain.signal });
    expect(traced.stderr).toBe(plain.stderr);
    expect(counted(directory)).toEqual(expected);
    const ended = spans(directory);
    expect(ended.find((span) => span.name === 'sh')!.attributes).toMatchObject({ 'process.exit.code': 3, 'error.type': 'exit_code' });

    // What was running is known by its start alone.
    const running = lines(directory, 'starts').filter((start) => !ended.some((span) => span.spanId === start.spanId));
    expect(running.map((start) => start.name)).toEqual(how === 'signal' ? ['sleep'] : []);
  });

  test('a terminated worker: every span that ended in it, and their numbers', async () => {
    const directory = temporaryDirectory();
    const { code } = await runUntilReady([PROGRAM, 'worker'], { env: { SPOOR_DIR: directory } });
    expect(code).toBe(0);
    expect(counted(directory)).toMatchObject({ true: 2, sh: 1 });
    const worker = spans(directory).find((span) => span.name.startsWith('worker'))!;
    const within = spans(directory).find((span) => span.parentSpanId === worker.spanId)!;
    expect(within).toMatchObject({ name: 'true', traceId: worker.traceId });
  });
});
