/** What is said where there is nothing to show, and why. */
import { expect, test } from 'vitest';
import { Writer } from '../report/fixture.ts';
import { CLI, type Result, run, temporaryDirectory } from '../support/program.ts';

const cli = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> => run(process.execPath, [CLI, ...args], { env });

test('a sampler that takes no trace: the numbers are there, and where is said', async () => {
  const directory = temporaryDirectory();
  const ran = await cli(['run', '--dir', directory, '--', 'true'], { OTEL_TRACES_SAMPLER: 'always_off' });
  expect(ran.stderr).toMatch(new RegExp(`^spoor: true ok in [^ ]+ m?s · not sampled · data in ${directory}\n$`));
  const said = `No traces are kept in ${directory}: a sampler may have left them out (OTEL_TRACES_SAMPLER), or they were older than is kept. The numbers are there: \`spoor report\`.\n`;
  expect(await cli(['traces', '--dir', directory])).toMatchObject({ code: 0, stdout: said });
  expect(await cli(['traces', '--dir', directory, 'abc'])).toMatchObject({ code: 1, stderr: `spoor: ${said}` });
  expect((await cli(['report', '--dir', directory])).stdout).toContain('1 spawn · none failed');
});

test.each([
  [['report'], 'Nothing was spawned'],
  [['report', '--kind', 'selector'], 'No selector was used'],
  [['report', '--kind', 'export'], 'Nothing was published'],
  [['traces'], 'No traces'],
  [['traces', '--failed'], 'No failed traces'],
])('spoor %j of a window with nothing in it', async (args, what) => {
  const directory = temporaryDirectory();
  const now = Date.now() - 60 * 86_400_000;
  const writer = new Writer(directory, 'a', { now: () => now });
  writer.end({ span: 1 });
  writer.delta({ final: true });
  const since = async (window: string): Promise<string> => (await cli([...args, '--dir', directory, '--since', window])).stdout;
  const sentence = `^${what} since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\.`;
  expect(await since('24h')).toMatch(new RegExp(`${sentence} Look further back with --since 7d\\.\n$`));
  for (const window of ['7d', '30d']) expect(await since(window)).toMatch(new RegExp(`${sentence}\n$`));
});

test.each(['spawn', 'selector', 'export'])('a CSV without rows is its header: %s', async (kind) => {
  expect((await cli(['report', '--kind', kind, '--format', 'csv', '--dir', temporaryDirectory()])).stdout).toMatch(/^\w+(,\w+)+\r\n$/);
});
