// @ts-check
/**
 * A Chromium for the tests and the bench: `CHROMIUM_PATH`, else the one that npm's `@sparticuz/chromium` carries,
 * unpacked once. It needs no system package, not even in a bare container.
 */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** 153 declares Node >= 22.17. */
const VERSION = '147.0.0';

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
];

/**
 * @param {string} cache folder that it is kept in
 * @returns {Promise<string>} path of an executable that takes Chromium's arguments
 */
export async function chromium(cache) {
  const given = process.env.CHROMIUM_PATH?.trim();
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH: there is no ${given}`);
    return given;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`no Chromium for ${process.platform} ${process.arch} on npm: set CHROMIUM_PATH to the executable of a Chrome or Chromium`);
  }
  const folder = join(cache, `chromium-${VERSION}`);
  if (!existsSync(folder)) await unpack(cache, folder);
  return join(folder, 'chromium-here');
}

/**
 * The package unpacks into fixed names below the temporary directory, and takes what is there for whole: so each
 * attempt has a temporary directory of its own, which is renamed when all of it is there.
 * @param {string} cache
 * @param {string} folder
 */
async function unpack(cache, folder) {
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, '.making-'));
  try {
    const app = join(making, 'app');
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `@sparticuz/chromium@${VERSION}`], app, {});
    const unpacking = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath()).catch((error) => { console.error(error); process.exitCode = 1; })";
    // With the second variable it brings NSS and expat too, which a bare container lacks.
    await run(process.execPath, ['-e', unpacking], app, { TMPDIR: making, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' });
    rmSync(app, { recursive: true });
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
    // Somebody else was faster.
    if (!existsSync(folder)) throw error;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} added
 */
async function run(command, args, cwd, added) {
  const env = { ...process.env, ...added };
  for (const name of Object.keys(env)) if (/^(OTEL_|SPOOR_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/.test(name)) delete env[name];
  await promisify(execFile)(command, args, { cwd, env });
}
