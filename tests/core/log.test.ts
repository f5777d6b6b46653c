import { expect, test } from 'vitest';
import { ROOT, run } from '../support/program.ts';

const program = (code: string): string[] => ['--input-type=module', '-e', `import { log } from ${JSON.stringify(`${ROOT}dist/src/log.js`)}; ${code}`];
const speak = `for (const level of ['error', 'warn', 'info', 'debug']) log(level, 'config', level + '_event', level + ' message', { correlationId: 'c1', path: '/x' });`;

test.each([
  [undefined, ['error', 'warn']],
  ['', ['error', 'warn']],
  ['none', []],
  ['ERROR', ['error']],
  ['info', ['error', 'warn', 'info']],
  ['debug', ['error', 'warn', 'info', 'debug']],
  ['nonsense', ['error', 'warn']],
])('OTEL_LOG_LEVEL=%s lets through %j, on stderr', async (level, expected) => {
  const { stdout, stderr } = await run(process.execPath, program(speak), { env: level === undefined ? {} : { OTEL_LOG_LEVEL: level } });
  expect(stdout).toBe('');
  expect(stderr.split('\n').filter(Boolean)).toEqual(expected.map((one) => `spoor: ${one} message`));
});

test('SPOOR_LOG=json is one object a line', async () => {
  const { stderr } = await run(process.execPath, program(speak), { env: { SPOOR_LOG: 'json' } });
  expect(stderr.trim().split('\n').map((line) => JSON.parse(line))).toMatchObject([
    { level: 'error', component: 'spoor.config', event: 'error_event', message: 'error message', correlation_id: 'c1', path: '/x' },
    { level: 'warn' },
  ]);
});

test('a fault that repeats is said once', async () => {
  const { stderr } = await run(process.execPath, program(`for (let i = 0; i < 1000; i++) log('error', 'store', 'write_failed', 'disk full');`));
  expect(stderr).toBe('spoor: disk full\n');
});

test('a message is one line, and no command of a CI', async () => {
  const { stderr } = await run(process.execPath, program(`log('error', 'exports', 'failed', 'a\\r\\n::error::b ##vso[task.complete]c ##[error]d');`));
  expect(stderr).toBe('spoor: a ::error::b \\u0023#vso[task.complete]c \\u0023#[error]d\n');
});
