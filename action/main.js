// @ts-check
/**
 * `spoor export` as a GitHub action: GitHub gives the address and the token of its artifact service to actions only,
 * not to `run:` steps, and a child of this process has them too.
 *
 * It needs nothing but Node, and runs the spoor that it is a part of: `uses: ./node_modules/spoor/action` after
 * `npm ci`. From a checkout that is not built, the one that is installed in the workspace.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const { env } = process;
const workspace = env.GITHUB_WORKSPACE || process.cwd();
const cwd = resolve(workspace, input('working-directory'));

/** As the runner hands inputs over. @param {string} name */
function input(name) {
  return (env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

/** @param {string} name @returns {string[]} */
function lines(name) {
  return input(name).split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

/** @param {string} message */
function fail(message) {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::error title=spoor export::${escaped}\n`);
  process.exitCode = 1;
}

/** @returns {string | undefined} */
function commandLine() {
  const own = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
  if (existsSync(own)) return own;
  try {
    const installed = createRequire(join(cwd, 'package.json')).resolve('spoor/package.json');
    return join(installed, '../dist/src/cli/main.js');
  } catch {
    return undefined;
  }
}

/** @param {string} manifest */
function args(manifest) {
  const options = [
    ...lines('to').flatMap((chain) => ['--to', chain]),
    ...['from', 'format', 'name', 'type', 'require', 'if-no-files-found', 'previous-manifest'].flatMap((name) => (input(name) === '' ? [] : [`--${name}`, input(name)])),
    ...(input('include-hidden') === 'true' ? ['--include-hidden'] : []),
    ...(input('summary') === 'false' ? ['--no-summary'] : []),
    '--manifest',
    manifest,
  ];
  return ['export', 'publish', ...options, '--', ...lines('files')];
}

/** Where the manifest is: at a file, or in a folder, as `spoor export` takes it. */
function manifestPath() {
  const given = input('manifest');
  if (given === '') return join(env.RUNNER_TEMP || cwd, 'spoor-export', randomUUID(), 'manifest.json');
  const path = resolve(cwd, given);
  return given.endsWith('/') || isFolder(path) ? join(path, 'manifest.json') : path;
}

/** @param {string} path */
function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Undefined where there is no manifest.
 * @param {string} path @returns {{ runId: string, counts: Record<string, number>, artifacts: { results: { url?: string }[] }[] } | undefined}
 */
function readManifest(path) {
  try {
    const found = JSON.parse(readFileSync(path, 'utf8'));
    return found.runId && found.counts && found.artifacts ? found : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} path @param {NonNullable<ReturnType<typeof readManifest>>} manifest */
function setOutputs(path, { counts, artifacts }) {
  /** @type {Record<string, unknown>} */
  const outputs = { manifest: path, ...counts, url: artifacts.flatMap(({ results }) => results).find(({ url }) => url)?.url ?? '' };
  if (!env.GITHUB_OUTPUT) return;
  for (const name of ['manifest', 'written', 'failed', 'skipped', 'url']) {
    // A value may hold line breaks: so that it cannot make outputs of its own, it ends at a word that nobody knows.
    const end = randomUUID();
    appendFileSync(env.GITHUB_OUTPUT, `${name}<<${end}\n${outputs[name]}\n${end}\n`);
  }
}

const main = commandLine();
if (!isFolder(cwd)) fail(`the working-directory ${cwd} is not there; make it in a step before, or correct the input`);
else if (main === undefined) fail('spoor is not installed here: run `npm ci` (with spoor among the dependencies) before this action');
else {
  const path = manifestPath();
  // One of an earlier publish, from a cache say, tells nothing of this one.
  const before = readManifest(path)?.runId;
  // The runner's proxy is for us too; Node heeds it when told to.
  const proxied = env.HTTPS_PROXY || env.https_proxy ? { NODE_USE_ENV_PROXY: '1', ...env } : env;
  const child = spawn(process.execPath, [main, ...args(path)], { cwd, stdio: 'inherit', env: proxied });
  // A job that is cancelled is told here, and nobody else is: the publish ends its commands and completes its manifest.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => fail(`spoor export cannot be started: ${error.message}`));
  child.once('close', (code, signal) => {
    if (child.pid === undefined) return;
    const found = readManifest(path);
    const manifest = found?.runId === before ? undefined : found;
    if (manifest) setOutputs(path, manifest);
    if (code !== 0) fail(signal ? `spoor export was ended by ${signal}` : code === 2 ? 'spoor export was called wrongly; see above' : manifest ? `what was required did not land; see the step summary, or the manifest at ${path}` : 'what was required did not land; see above');
    process.exitCode = code ?? 1;
  });
}
