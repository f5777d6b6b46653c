import { marked } from 'marked';
import fc from 'fast-check';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { row, type Row } from '../../src/report/report-rows.ts';
import { csv, escapeMarkdown, markdown } from '../../src/report/report-tables.ts';
import { parseSince } from '../../src/report/since.ts';
import { SpanIds } from '../../src/report/span-ids.ts';
import { SpawnGroups } from '../../src/report/spawn-groups.ts';
import { wilson } from '../../src/report/wilson.ts';
import { clean, duration, percent } from '../../src/report/words.ts';

function rowOf(executable: string, role = 'r'): Row {
  const groups = new SpawnGroups();
  groups.add({ 'spoor.spawn.kind': 'spawn', 'process.executable.name': executable, 'spoor.spawn.role': role, 'error.type': 'exit_code' }, 1.5);
  return row(groups.list()[0]!);
}

/** The lexer gives text as HTML. */
function decoded(html: string): string {
  return html.replace(/&(#39|quot|lt|gt|amp);/g, (_, name: string) => ({ '#39': "'", quot: '"', lt: '<', gt: '>', amp: '&' })[name]!);
}

const anything = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'binary' }), fc.stringMatching(/^[|\\`*_<>&,"'\n\r=+@-]{1,12}$/));

test('CSV gives any name back; what a spreadsheet would run has an apostrophe before it', () => {
  fc.assert(
    fc.property(anything, anything, (executable, role) => {
      const { data, errors } = Papa.parse<Record<string, string>>(csv([rowOf(executable, role), rowOf('next')]).trimEnd(), { header: true, newline: '\r\n' });
      expect(errors).toEqual([]);
      const shown = (name: string): string => (/^[=+\-@\t\r]/.test(name) ? `'${name}` : name);
      expect(data[0]).toMatchObject({ executable: shown(executable), role: shown(role), count: '1', failed: '1', errors: '1 exit_code', p50_seconds: '1.5' });
      expect(data[1]!.executable).toBe('next');
    }),
  );
});

test('Markdown shows any name as the text it is, in its own cell', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z|\\`*_<>&!#[\]()~$ 0-9\n"'-]{1,20}$/), (executable) => {
      const [table] = marked.lexer(markdown([rowOf(executable)]));
      expect(table).toMatchObject({ type: 'table', header: { length: 13 } });
      const cells = (table as { rows: { tokens: { type: string; text: string }[] }[][] }).rows[0]!;
      expect(cells).toHaveLength(13);
      const tokens = cells[0]!.tokens;
      expect(tokens.every(({ type }) => type === 'text' || type === 'escape')).toBe(true);
      expect(decoded(tokens.map(({ text }) => text).join(''))).toBe(executable.replace(/\n+/g, ' ').trim());
    }),
  );
  expect(escapeMarkdown('a|b')).toBe('a\\|b');
});

test('since: lengths of time, moments, and nothing else', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(['30m', '24h', '7d', '1.5h', '90s', '2w'].map((text) => now - parseSince(text, now)!)).toEqual([1.8e6, 8.64e7, 6.048e8, 5.4e6, 9e4, 1.2096e9]);
  expect(parseSince('2026-11-21T10:00:00Z', now)).toBe(now - 7.2e6);
  expect(parseSince('2026-11-21', now)).toBe(now - 4.32e7);
  expect(['', 'x', '24', '-1h', '1y', '2026-13-01', '2026-02-31', '2026-02-29T10:00', 'yesterday', '24h ago', 'Infinityh'].map((text) => parseSince(text, now))).toEqual(Array(11).fill(undefined));
  expect(parseSince('2028-02-29', now)).toBe(Date.UTC(2028, 1, 29));
});

test('Wilson intervals agree with the textbook', () => {
  expect(wilson(0, 0)).toBeUndefined();
  expect(wilson(3, 3)).toMatchObject({ rate: 1, low: expect.closeTo(0.4385, 4), high: 1 });
  expect(wilson(0, 10)).toMatchObject({ rate: 0, low: 0, high: expect.closeTo(0.2775, 4) });
  expect(wilson(81, 263)).toMatchObject({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) });
});

test('span ids are a set', () => {
  const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16).padStart(16, '0'));
  fc.assert(
    fc.property(fc.array(fc.oneof(id, fc.constantFrom('0000000000000000', '0000000000000001', '0000000100000000')), { maxLength: 200 }), fc.array(id), (added, others) => {
      const ids = new SpanIds(1);
      for (const one of added) ids.add(one);
      expect(ids.size).toBe(new Set(added).size);
      for (const one of [...added, ...others]) expect(ids.has(one)).toBe(added.includes(one));
    }),
  );
});

test('durations, shares and names for people', () => {
  expect([0, 0.0000005, 0.00123, 0.0125, 0.9999, 1.234, 59.96, 61, 3725, Number.NaN].map(duration)).toEqual(['0 s', '0.50 µs', '1.23 ms', '12.5 ms', '1.00 s', '1.23 s', '1 min 00 s', '1 min 01 s', '1 h 02 min', '–']);
  expect([0, 1, 0.99999, 0.00001, 0.5].map(percent)).toEqual(['0%', '100%', '99.9%', '0.1%', '50.0%']);
  expect(clean('a\u001b[31mb\u202ec')).toBe('a\\u001b[31mb\\u202ec');
  expect(clean('x'.repeat(100))).toHaveLength(60);
});
