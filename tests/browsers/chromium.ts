/**
 * A Chromium for the tests: `CHROMIUM_PATH`, else the one that npm's `@sparticuz/chromium` carries, unpacked
 * once into the tests' cache. It needs no system package, not even in a bare container.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, installed } from '../guest/fixture.ts';
import { run } from '../support/program.ts';

/** 153 declares Node >= 22.17. */
const PACKAGE = '@sparticuz/chromium@147.0.0';

/**
 * Not the package's own list: that has `--single-process`, where closing a context ends the browser, and turns web
 * security off. The resolver rule keeps it on loopback: without it, it calls home.
 */
export const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
] as const;

/** Path of an executable that takes Chromium's arguments. */
export async function chromium(): Promise<string> {
  const given = process.env.CHROMIUM_PATH?.trim();
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH: there is no ${given}`);
    return given;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`no Chromium for ${process.platform} ${process.arch} on npm: set CHROMIUM_PATH to the executable of a Chrome or Chromium`);
  }
  const folder = join(CACHE, 'chromium-147.0.0');
  if (!existsSync(folder)) await unpack(folder);
  return join(folder, 'chromium-here');
}

/** What a program needs to launch it: its path and flags, for `JSON.parse(process.env.CHROMIUM)`. */
export async function chromiumEnvironment(): Promise<{ CHROMIUM: string }> {
  return { CHROMIUM: JSON.stringify({ executablePath: await chromium(), args: FLAGS }) };
}

/**
 * The package unpacks into fixed names below the temporary directory, and takes what is there for whole: so each
 * attempt has a temporary directory of its own, which is renamed when all of it is there.
 */
async function unpack(folder: string): Promise<void> {
  const app = await installed('chromium', [PACKAGE]);
  mkdirSync(CACHE, { recursive: true });
  const making = mkdtempSync(join(CACHE, '.making-'));
  try {
    const unpacking = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath()).catch((error) => { console.error(error); process.exitCode = 1; })";
    // With the second variable it brings NSS and expat too, which a bare container lacks.
    const { code, stderr } = await run(process.execPath, ['-e', unpacking], { cwd: app, env: { TMPDIR: making, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' } });
    if (code !== 0) throw new Error(`unpacking ${PACKAGE}: ${stderr}`);
    const fonts = join(making, 'fonts/fonts.conf');
    writeFileSync(fonts, readFileSync(fonts, 'utf8').replaceAll('/tmp/fonts', `${folder}/fonts`));
    // The libraries and fonts are found by the environment, which is this script's affair and no driver's.
    const launcher = `#!/bin/sh
export FONTCONFIG_PATH='${folder}/fonts' LD_LIBRARY_PATH='${folder}/al2023/lib'"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec '${folder}/chromium' "$@"
`;
    writeFileSync(join(making, 'chromium-here'), launcher);
    chmodSync(join(making, 'chromium-here'), 0o755);
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another test file was faster.
    if (!existsSync(folder)) throw error;
  }
}
