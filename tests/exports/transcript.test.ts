/** A transcript: what it keeps, what it tells, and what its texts say to the programs that read them. */
import { EventEmitter, once } from 'node:events';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { marked, type Tokens } from 'marked';
import Papa from 'papaparse';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { csvText } from '../../src/exports/csv.ts';
import { exports } from '../../src/exports/exports.ts';
import { markdownRows, markdownText } from '../../src/exports/markdown.ts';
import { Transcript, type TranscriptChange } from '../../src/exports/transcript.ts';
import { ROOT, attributesOf, lines, runRegistered, temporaryDirectory } from '../support/program.ts';

// The faults below are meant.
beforeAll(() => void (process.env.OTEL_LOG_LEVEL = 'none'));
afterAll(() => void delete process.env.OTEL_LOG_LEVEL);

it('keeps the newest in order, counts the rest, and numbers never repeat', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 70 }), (maxEntries, count) => {
      const transcript = new Transcript({ maxEntries });
      for (let i = 1; i <= count; i++) transcript.record({ event: `e${i}` });
      const kept = Math.min(count, maxEntries);
      expect(transcript.entries.map(({ sequence, event }) => [sequence, event])).toEqual(Array.from({ length: kept }, (_, i) => [count - kept + i + 1, `e${count - kept + i + 1}`]));
      expect([transcript.size, transcript.dropped]).toEqual([kept, count - kept]);
    }),
  );
});

it('an entry is as it was told, and stays so', () => {
  const transcript = new Transcript({ maxTextLength: 10 });
  const metadata = { flat: 1, nested: { list: [1] } };
  transcript.record({ event: 'prompt', promptId: 'p1', title: 'Which?', action: 'asked', narrative: `123456789😀`, metadata, timestamp: 1_000 });
  metadata.nested.list.push(2);
  metadata.flat = 2;
  expect(transcript.entries).toEqual([
    { sequence: 1, event: 'prompt', promptId: 'p1', title: 'Which?', action: 'asked', timestamp: 1_000, narrative: '123456789…', metadata: { flat: 1, nested: { list: [1] } } },
  ]);
  expect(JSON.parse(transcript.toJson())).toEqual({
    schemaVersion: 1, name: 'transcript', recorded: 1, dropped: 0,
    entries: [{ ...transcript.entries[0], isoTime: '1970-01-01T00:00:01.000Z' }],
  });
});

it('bad input is refused without a throw', () => {
  const transcript = new Transcript({ maxEntries: -1, name: '' });
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (const bad of [undefined, {}, { event: '' }, { event: 'x', timestamp: Number.NaN }, { event: 'x', timestamp: 1e99 }, { event: 'x', metadata: circular }]) {
    expect(transcript.record(bad as never)).toBe(false);
  }
  expect([transcript.size, transcript.name]).toEqual([0, 'transcript']);
  transcript.listen(undefined as never, ['x'])();
  transcript.listen({} as never, ['x'])();
});

it('listens to emitters and targets, and changes neither', () => {
  const transcript = new Transcript();
  const emitter = new EventEmitter();
  const target = new EventTarget();
  const stop = transcript.listen(emitter, ['prompt', 'error']);
  transcript.listen(target, { action: ((event: CustomEvent<{ chosen: string }>) => ({ event: 'chose', action: event.detail.chosen })) as never, none: () => undefined, bad: () => { throw new Error('no'); } });
  transcript.listen(target, ['prompt']);
  emitter.emit('prompt', { promptId: 'p1', title: 'Which?', other: 'ignored', metadata: { a: 1 } });
  emitter.emit('prompt', 'a text');
  expect(() => emitter.emit('error', new Error('as ever'))).toThrow('as ever');
  for (const name of ['none', 'bad']) target.dispatchEvent(new Event(name));
  target.dispatchEvent(new CustomEvent('action', { detail: { chosen: 'yes' } }));
  target.dispatchEvent(new CustomEvent('prompt', { detail: { promptId: 'p2' } }));
  stop();
  emitter.emit('prompt', 'after the end');
  expect(emitter.eventNames()).toEqual([]);
  transcript.close();
  target.dispatchEvent(new CustomEvent('prompt', { detail: { promptId: 'p3' } }));
  expect(transcript.record({ event: 'after' })).toBe(false);
  expect(transcript.entries.map(({ event, promptId, action, narrative, metadata }) => [event, promptId ?? action ?? narrative, metadata])).toEqual([
    ['prompt', 'p1', { a: 1 }], ['prompt', 'a text', undefined], ['error', 'as ever', undefined], ['chose', 'yes', undefined], ['prompt', 'p2', undefined],
  ]);
});

it('many changes are one event; closing tells the last', async () => {
  const transcript = new Transcript({ maxEntries: 5, throttle: 1 });
  const told: TranscriptChange[] = [];
  const heard = new EventEmitter();
  transcript.onChange(() => { throw new Error("a listener's own fault"); });
  transcript.onChange((change) => void heard.emit('change', told.push(change)));
  for (let i = 0; i < 7; i++) transcript.record({ event: 'e' });
  expect(told).toEqual([]);
  await once(heard, 'change');
  expect(told).toEqual([{ recorded: 7, size: 5, dropped: 2 }]);
  transcript.record({ event: 'e' });
  transcript.close();
  expect(told.slice(1)).toEqual([{ recorded: 1, size: 5, dropped: 3 }]);
});

it('in a whole program: events on the active span, and no timer that keeps it alive', async () => {
  const directory = temporaryDirectory();
  const code = `
    import { trace } from '@opentelemetry/api';
    import { spawns } from '${ROOT}dist/src/index.js';
    import { Transcript } from '${ROOT}dist/src/exports/transcript.js';
    const transcript = new Transcript({ spanEvents: true, throttle: 3_600_000 });
    transcript.onChange(() => console.log('never'));
    spawns.run({ role: 'builder', model: 'm', task: 't', source: 's' }, () => transcript.record({ event: 'prompt', promptId: 'p1', action: 'asked', title: 'private', narrative: 'private' }));
    transcript.record({ event: 'outside of any span' });`;
  const result = await runRegistered(directory, ['--input-type=module', '-e', code], { cwd: ROOT });
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const [{ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }] = lines(directory, 'traces');
  expect(span.events.map(({ name, attributes }: any) => [name, attributesOf(attributes)])).toEqual([['prompt', { 'spoor.transcript.sequence': 1, 'spoor.transcript.prompt_id': 'p1', 'spoor.transcript.action': 'asked' }]]);
  expect(JSON.stringify(span)).not.toContain('private');
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom(...'\r\n\t",;|`*_<>&[]()!#~@$:\\=+-0123.e \'"\u2028＝\ufeff', '<br>', '- a', '1. ', '-5', '=1+1', 'http://x.y')).map((parts) => parts.join('')),
);

it('CSV: two parsers read back what was written, and nothing in it is a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), fc.option(text, { nil: undefined })), { maxLength: 8 }), (rows) => {
      const written = csvText(['a', 'b', 'c'], rows);
      const expected = [['a', 'b', 'c'], ...rows.map((row) => row.map((cell) => (cell === undefined ? '' : String(cell))))];
      const read = parse(written, { record_delimiter: '\r\n', relax_column_count: false }) as string[][];
      const plain = read.map((cells) => cells.map((cell) => (cell.startsWith("'") ? cell.slice(1) : cell)));
      // An apostrophe of the text's own is none of ours.
      expect(plain).toEqual(expected.map((cells) => cells.map((cell) => (cell.startsWith("'") ? cell.slice(1) : cell))));
      expect(Papa.parse(written, { newline: '\r\n', delimiter: ',', skipEmptyLines: 'greedy' }).errors).toEqual([]);
      for (const cell of read.flat()) expect(/^\s*[=+\-@]/.test(cell) && !Number.isFinite(Number(cell))).toBe(false);
    }),
    { numRuns: 500 },
  );
});

it('CSV: numbers are left alone, formulas are not', () => {
  expect(csvText(['x'], [[-5], ['-5'], ['+1.5e3'], ['-.5'], ['=1+1'], [' =1+1'], ['-1+1'], ['@SUM(A1)'], ['\t=1'], ['＝1'], ['a\rb'], ['a\nb'], ['a"b'], [' a']]).split('\r\n')).toEqual([
    'x', '-5', '-5', '+1.5e3', '-.5', "'=1+1", "' =1+1", "'-1+1", "'@SUM(A1)", "'\t=1", "'＝1", '"a\rb"', '"a\nb"', '"a""b"', '" a"', '',
  ]);
});

const HTML: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

function cellText(cell: Tokens.TableCell): string {
  return cell.tokens
    .map((token): string => {
      if (token.type === 'html' && token.raw === '<br>') return '\n';
      if (token.type === 'text' || token.type === 'escape') return token.text.replace(/&(amp|lt|gt|quot|#39);/g, (entity: string) => HTML[entity]!);
      return `UNEXPECTED ${token.type}`;
    })
    .join('');
}

it('Markdown: a cell shows just its text, whatever that is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (rows) => {
      const [table, ...rest] = marked.lexer(markdownRows(['a', 'b'], rows.map((cells) => cells.map(markdownText)))) as unknown as [Tokens.Table];
      expect(rest).toEqual([]);
      const shown = (value: string): string =>
        value
          // oxlint-disable-next-line no-control-regex
          .replace(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]+/g, ' ')
          .replace(/[^\S\r\n]*(\r\n|[\r\n\u2028\u2029])[^\S\r\n]*/g, '\n')
          .replace(/ +/g, ' ')
          .trim();
      expect(table.rows.map((cells) => cells.map((cell) => cellText(cell).replace(/ +/g, ' ').trim()))).toEqual(rows.map((cells) => cells.map(shown)));
    }),
    { numRuns: 500 },
  );
});

it('is published as artifacts: JSON, CSV, Markdown', () => {
  const transcript = new Transcript({ name: 'triage', maxEntries: 1 });
  transcript.record({ event: 'dropped' });
  transcript.record({ event: 'action', promptId: 'p|1', action: '=cmd', narrative: 'two\nlines', timestamp: 0, metadata: { a: 1 } });
  expect(transcript.artifacts().map(({ name, type, metadata }) => [name, type, metadata])).toEqual(['json', 'csv', 'md'].map((ending) => [`triage.${ending}`, 'transcript', { entries: 1, dropped: 1 }]));
  const [csv, markdown] = transcript.artifacts(['csv', 'markdown']);
  expect(csv!.content).toBe(`sequence,event,prompt_id,title,action,timestamp,iso_time,narrative,metadata\r\n2,action,p|1,,'=cmd,0,1970-01-01T00:00:00.000Z,"two\nlines","{""a"":1}"\r\n`);
  expect(markdown!.content).toBe('# triage\n\nNot kept, the oldest: 1.\n\n| # | Event | Prompt | Action | Timestamp | Narrative |\n| --- | --- | --- | --- | --- | --- |\n| 2 | action | p\\|1 | =cmd | 1970-01-01T00:00:00.000Z | two<br>lines |\n');
});

it('whatever it is given, nothing is thrown into the app, and the memory is bounded', () => {
  const transcript = exports.transcript(null as never);
  transcript.listen({ on() {}, off() {} }, undefined as never)();
  transcript.listen(null as never, ['x'])();
  transcript.listen({ on() {} } as never, ['x'])();
  expect(transcript.artifacts(['xml', 'csv'] as never).map(({ name }) => name)).toEqual(['transcript.csv']);
  expect([transcript.artifacts(null as never), transcript.artifacts('json' as never).length]).toEqual([[], 1]);
  const hostile = { get event(): string { throw null; } };
  expect([transcript.record(null as never), transcript.record(hostile), transcript.record({ event: 'x', timestamp: Symbol('t') as never })]).toEqual([false, false, false]);
  const large = 'y'.repeat(5_000_000);
  for (const metadata of [{ text: large }, { nested: { text: large } }, { [large]: 1 }]) transcript.record({ event: 'x', metadata });
  for (const { metadata } of transcript.entries) expect([Object.keys(metadata!), (metadata!.cut as string).length]).toEqual([['cut'], 10_001]);
  transcript.record({ event: 'x', metadata: { a: 1, b: { c: 'd' }, id: 5n, done() {} } });
  expect(transcript.entries.at(-1)!.metadata).toEqual({ a: 1, b: { c: 'd' }, id: '5' });
});
