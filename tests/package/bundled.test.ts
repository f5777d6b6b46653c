/** An app that is bundled together with spoor, which is not meant to be, runs all the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { ROOT, run, temporaryDirectory } from '../support/program.ts';

test('an app with spoor in its bundle runs, and is told that nothing is recorded', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'app.js'), `import { start } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))};\nimport { execFileSync } from 'node:child_process';\nconst spoor = start();\nexecFileSync('true');\nconsole.log(spoor.health().state);`);
  await build({ entryPoints: [join(cwd, 'app.js')], outfile: join(cwd, 'bundle.cjs'), bundle: true, platform: 'node', format: 'cjs', logLevel: 'silent' });
  const { code, stdout, stderr } = await run(process.execPath, ['bundle.cjs'], { cwd });
  expect([code, stdout]).toEqual([0, 'off\n']);
  expect(stderr).toMatch(/^spoor: a part of the package cannot be loaded.*\n$/);
});
