/** What `spoor doctor` does: every check, in order. */
import { resolve } from 'node:path';
import { loadConfig, type Config } from '../config.ts';
import type { DoctorOptions } from './doctor.ts';
import type { Check } from './doctor/check.ts';
import { checkCollector } from './doctor/collector.ts';
import { checkInstrumentation } from './doctor/instrumentation.ts';
import { checkCopies, checkVersions } from './doctor/packages.ts';
import { checkRecorded, checkSending } from './doctor/sending.ts';
import { checkVariables } from './doctor/variables.ts';
import { checkWriting } from './doctor/writing.ts';
import { colors, print } from './terminal.ts';

export async function doctor({ dir, format }: DoctorOptions): Promise<void> {
  const { config, problems } = loadConfig(process.env, process.cwd(), dir === undefined ? {} : { directory: resolve(dir) });
  const folder = process.cwd();
  const looks: Readonly<Record<string, () => Check | Check[] | Promise<Check[]>>> = {
    versions: checkVersions,
    packages: () => checkCopies(folder),
    configuration: () => checkConfiguration(config, problems),
    variables: () => checkVariables(process.env),
    writing: () => checkWriting(config),
    instrumentation: () => checkInstrumentation(folder, config),
    recorded: () => checkRecorded(config),
    collector: () => checkCollector(config),
    sending: () => checkSending(config),
  };
  const checks: Check[] = [];
  for (const [name, look] of Object.entries(looks)) {
    try {
      checks.push(...[await look()].flat());
    } catch (error) {
      // What one cannot look at, a folder of another user's say, hides nothing of what the others see.
      const said = (error as Error).message;
      checks.push({ name, state: 'problem', says: `${name} could not be looked at: ${said}`, facts: { said } });
    }
  }
  const isHealthy = checks.every(({ state }) => state !== 'problem');
  print(format === 'json' ? JSON.stringify({ healthy: isHealthy, checks }, null, 2) : text(checks));
  if (!isHealthy) process.exitCode = 1;
}

function checkConfiguration(config: Config, problems: readonly string[]): Check {
  const facts = { directory: config.directory, files: config.files, problems };
  if (problems.length > 0) return { name: 'configuration', state: 'problem', says: problems.join('; '), advice: 'settings and their forms are in docs/reference.md of this package', facts };
  return { name: 'configuration', state: 'ok', says: 'the settings are understood', facts };
}

function text(checks: readonly Check[]): string {
  const { green, yellow, red, dim } = colors(process.stdout);
  const marks = { ok: green('ok     '), note: yellow('note   '), problem: red('PROBLEM') };
  const lines = checks.flatMap(({ state, says, advice }) => [`${marks[state]}  ${says}`, ...(advice === undefined ? [] : [`${' '.repeat(9)}${dim(advice)}`])]);
  const count = checks.filter(({ state }) => state === 'problem').length;
  return [...lines, '', count === 0 ? 'Nothing is wrong.' : count === 1 ? 'One thing is wrong.' : `${count} things are wrong.`].join('\n');
}
