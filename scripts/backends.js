/**
 * The real backends that `npm run test:backends` starts, without containers: a collector with the parts of
 * `collector-config/builder.yaml`, Jaeger v2, Prometheus and promtool, Alertmanager and amtool, built from their Go
 * modules, and InfluxDB from Debian's package. What is built is kept outside the tree, by version, in
 * `$XDG_CACHE_HOME/spoor-backends` (default ~/.cache).
 *
 *   node scripts/backends.js           builds what is missing (20 minutes and 3 GB of Go's own cache for all of it
 *                                      on two cores; nothing the next time), then says where everything is
 *   node scripts/backends.js --needs   only says what is missing
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'spoor-backends');
const MANIFEST = fileURLToPath(new URL('../collector-config/builder.yaml', import.meta.url));
const GO_NEEDED = [1, 25];

const run = promisify(execFile);

/** The folder of what is built: `binaries` are in it when it is complete. */
const BACKENDS = [
  {
    name: 'collector',
    version: /^\s*version: (\S+)/m.exec(readFileSync(MANIFEST, 'utf8'))[1],
    // Another manifest is another collector.
    key: createHash('sha256').update(readFileSync(MANIFEST, 'utf8').replaceAll(/^\s*#.*\n/gm, '')).digest('hex').slice(0, 12),
    binaries: ['otelcol-spoor'],
    minutes: 7,
    async build(folder, { version }) {
      await go(['install', `go.opentelemetry.io/collector/cmd/builder@v${version}`], { GOBIN: folder });
      // The manifest says where it builds to; that is replaced by a folder of our own.
      const manifest = readFileSync(MANIFEST, 'utf8').replace(/^(\s*output_path:).*$/m, `$1 ${JSON.stringify(join(folder, 'source'))}`);
      writeFileSync(join(folder, 'builder.yaml'), manifest);
      await execute(join(folder, 'builder'), ['--config', join(folder, 'builder.yaml'), '--ldflags=-s -w'], { cwd: folder, env: await goEnvironment() });
      renameSync(join(folder, 'source/otelcol-spoor'), join(folder, 'otelcol-spoor'));
      for (const name of ['builder', 'source']) rmSync(join(folder, name), { recursive: true });
    },
  },
  {
    name: 'jaeger',
    version: '2.13.0',
    binaries: ['jaeger'],
    minutes: 7,
    build: (folder, { version }) =>
      goBuild('github.com/jaegertracing/jaeger@v1.76.0', ['-ldflags', `-s -w -X github.com/jaegertracing/jaeger/internal/version.latestVersion=v${version}`, '-o', join(folder, 'jaeger'), './cmd/jaeger']),
  },
  {
    name: 'prometheus',
    version: '3.15.0',
    binaries: ['prometheus', 'promtool'],
    minutes: 6,
    build: (folder, { version }) =>
      goBuild('github.com/prometheus/prometheus@v0.315.0', ['-tags', 'netgo,remove_all_sd', '-ldflags', `-s -w -X github.com/prometheus/common/version.Version=${version}`, '-o', `${folder}/`, './cmd/prometheus', './cmd/promtool']),
  },
  {
    name: 'alertmanager',
    version: '0.31.1',
    binaries: ['alertmanager', 'amtool'],
    minutes: 1,
    build: (folder, { version }) => go(['install', '-ldflags', '-s -w', ...['alertmanager', 'amtool'].map((name) => `github.com/prometheus/alertmanager/cmd/${name}@v${version}`)], { GOBIN: folder }),
  },
];

/**
 * Paths of all binaries, by name; `influxd` is among them. Builds what is missing, one after the other.
 *
 * @param {(line: string) => void} say - told what is being done
 * @throws {Error} one line: what this machine lacks
 */
export async function backends(say) {
  const missing = BACKENDS.filter((backend) => !isComplete(backend));
  if (missing.length > 0) {
    await needGo(missing);
    say(`building ${missing.map(({ name, version }) => `${name} ${version}`).join(', ')} into ${CACHE}: about ${missing.reduce((sum, { minutes }) => sum + minutes, 0)} minutes on two cores, this once`);
  }
  for (const backend of missing) {
    const begun = performance.now();
    await making(folderOf(backend), (folder) => backend.build(folder, backend));
    say(`built ${backend.name} ${backend.version} in ${Math.round((performance.now() - begun) / 1000)} s`);
  }
  const paths = BACKENDS.flatMap((backend) => backend.binaries.map((binary) => [binary, join(folderOf(backend), binary)]));
  return { ...Object.fromEntries(paths), influxd: await influxd(say) };
}

function folderOf({ name, version, key }) {
  return join(CACHE, [name, version, key].filter(Boolean).join('-'));
}

function isComplete(backend) {
  return backend.binaries.every((binary) => isExecutable(join(folderOf(backend), binary)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes a folder under another name first, so that it is there whole or not at all. */
async function making(folder, make) {
  mkdirSync(CACHE, { recursive: true });
  const temporary = mkdtempSync(join(CACHE, '.making-'));
  try {
    await make(temporary);
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function needGo(missing) {
  const what = missing.map(({ name }) => name).join(', ');
  const { stdout } = await run('go', ['env', 'GOVERSION']).catch((cause) => {
    throw new Error(`Go ${GO_NEEDED.join('.')} or newer is needed to build ${what}: install it from https://go.dev/dl and see that \`go\` is in PATH`, { cause });
  });
  const [major, minor] = (/go(\d+)\.(\d+)/.exec(stdout) ?? [0, 0, 0]).slice(1).map(Number);
  if (major < GO_NEEDED[0] || (major === GO_NEEDED[0] && minor < GO_NEEDED[1])) throw new Error(`Go ${GO_NEEDED.join('.')} or newer is needed to build ${what}; this machine has ${stdout.trim()}`);
}

async function go(args, env = {}, cwd = CACHE) {
  return execute('go', args, { cwd, env: { ...(await goEnvironment()), ...env } });
}

async function goEnvironment() {
  const { stdout } = await run('go', ['env', 'GOPROXY']);
  // What the proxy does not have fails at once, instead of being looked for all over the internet.
  const proxy = stdout.trim().replace(/,direct$/, '');
  return { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '', ...(proxy !== '' && { GOPROXY: proxy }) };
}

async function goBuild(module, args) {
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', module]));
  return go(['build', ...args], {}, Dir);
}

/** A failure of the network, in the words of Go. What was downloaded before it is kept. */
const PASSING = /: 50[0-9] |connection|timeout|TLS|unexpected EOF|no such host/i;

async function execute(command, args, options, attempts = 3) {
  try {
    return (await run(command, args, { maxBuffer: 1 << 26, ...options })).stdout;
  } catch (error) {
    if (attempts > 1 && PASSING.test(error.stderr)) return execute(command, args, options, attempts - 1);
    throw new Error(`${command} ${args.join(' ')}: ${String(error.stderr || error.message).trim().split('\n').slice(-5).join(' | ')}`, { cause: error });
  }
}

/** The machine's own, else the one in Debian's package, unpacked: installing it would start a service. */
async function influxd(say) {
  const own = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'influxd')).find(isExecutable);
  if (own !== undefined) return own;
  const folder = join(CACHE, 'influxdb');
  const path = join(folder, 'usr/bin/influxd');
  if (isExecutable(path)) return path;
  await making(folder, async (temporary) => {
    const download = () => run('apt-get', ['download', '-qq', 'influxdb'], { cwd: temporary });
    await download()
      .catch(() => update().then(download))
      .catch((cause) => {
        throw new Error('influxd is needed: apt-get install influxdb, or a release of InfluxDB 1.x from https://dl.influxdata.com in PATH', { cause });
      });
    const name = readdirSync(temporary).find((file) => file.endsWith('.deb'));
    await execute('dpkg-deb', ['-x', join(temporary, name), temporary]);
    say(`unpacked ${name}`);
  });
  return path;
}

/** The list of packages of a fresh machine is empty. */
async function update() {
  const [command, ...args] = process.getuid?.() === 0 ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  await run(command, [...args, 'update', '-qq']);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = BACKENDS.filter((backend) => !isComplete(backend)).map(({ name, version }) => `${name} ${version}`);
  if (process.argv.includes('--needs')) console.log(missing.length === 0 ? 'nothing is missing' : `to be built: ${missing.join(', ')}`);
  else {
    try {
      for (const [name, path] of Object.entries(await backends(console.error))) console.log(`${name}\t${path}`);
    } catch (error) {
      console.error(`backends: ${error.message}`);
      process.exitCode = 1;
    }
  }
}
