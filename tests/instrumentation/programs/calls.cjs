/** A table of calls; what each of them shows to an app, as JSON on stdout. Run with and without spoor, it says the same. */
const childProcess = require('node:child_process');
const { Worker, SHARE_ENV } = require('node:worker_threads');
const { promisify } = require('node:util');
const { join } = require('node:path');
const { spawn, exec, execFile, fork, spawnSync, execSync, execFileSync, ChildProcess } = childProcess;
const empty = join(__dirname, 'empty.cjs');
const { AsyncLocalStorage } = require('node:async_hooks');

// Which of a child's streams closes last is chance.
const frames = (stack) => String(stack).replace(/(\n {4}at maybeClose )[^]*/, '$1…');
function shown(value) {
  if (value instanceof Error) {
    const own = {};
    for (const key of Object.getOwnPropertyNames(value)) if (key !== 'pid') own[key] = value[key] === value ? 'itself' : key === 'stack' ? frames(value.stack) : shown(value[key]);
    return { class: value.constructor.name, name: value.name, stack: frames(value.stack), order: Object.keys(value), own };
  }
  // How much of an endless output was read is chance.
  if (Buffer.isBuffer(value)) return `buffer ${value.toString().slice(0, 10)}`;
  if (value instanceof ChildProcess) return { child: value.spawnfile, args: value.spawnargs, keys: Object.keys(value), proto: Object.getPrototypeOf(value) === ChildProcess.prototype };
  if (value instanceof Worker) return { worker: true, constructor: value.constructor === Worker, keys: Object.keys(value) };
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === 'object' && value !== null && ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return value.constructor.name;
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === 'pid' ? typeof one : shown(one)]));
  return typeof value === 'function' ? 'function' : value;
}

/** Every event of a child or worker in its order, until it is closed. */
function events(emitter, last) {
  return new Promise((resolve) => {
    const seen = [];
    let online = 0;
    emitter.emit = new Proxy(emitter.emit, {
      apply(target, self, args) {
        // It comes by another port than messages do: which is first is chance.
        if (args[0] === 'online') online++;
        else if (typeof args[0] === 'string' && !args[0].endsWith('Listener')) seen.push(args.map(shown));
        return Reflect.apply(target, self, args);
      },
    });
    emitter.on('error', () => {});
    emitter.once(last, () => setImmediate(() => resolve({ emitter: shown(emitter), seen, online })));
  });
}
const ended = (child) => events(child, 'close');
const exited = (worker) => events(worker, 'exit');
const called = (start) => new Promise((resolve) => start((...result) => resolve(result.map(shown))));
/** Stacks that are deeper than the limit, and of a limit of the app's own. */
const deep = (levels, fn) => (levels === 0 ? fn() : deep(levels - 1, fn));
const limited = (limit, fn) => {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = limit;
  try {
    const result = fn();
    return [result, Error.stackTraceLimit];
  } finally {
    Error.stackTraceLimit = before;
  }
};
const frozenEnv = Object.freeze({ PATH: process.env.PATH, A: '1' });
class Environment {
  #secret = 'x';
  get OWN() {
    return this.#secret && 'never enumerable';
  }
}
const inherited = Object.create({ PATH: process.env.PATH, INHERITED: 'yes' }, { HIDDEN: { value: 'no' }, GOT: { get: () => 'got', enumerable: true } });
const show = "process.stdout.write(['A','INHERITED','HIDDEN','GOT','U','OWN'].map((n) => n + '=' + process.env[n]).join())";
const big = 'x'.repeat(200_000);
/** What a child gets of the variable that Node gives to every child of a process that is measured. */
const covered = (fn) => {
  process.env.NODE_V8_COVERAGE = '/from/the/process';
  try {
    return fn(['-c', 'echo ${NODE_V8_COVERAGE-none}'], { PATH: process.env.PATH });
  } finally {
    delete process.env.NODE_V8_COVERAGE;
  }
};
class Options {
  encoding = 'utf8';
  get env() {
    return { A: 'from a getter of the class' };
  }
}

const table = {
  // Arguments that Node refuses.
  'spawn()': () => spawn(),
  'spawn(1)': () => spawn(1),
  'spawn empty': () => spawn(''),
  'spawn null byte': () => spawn('a\0b'),
  'spawn args': () => spawn('true', 'args'),
  'spawn options': () => spawn('true', [], 'options'),
  'spawn cwd': () => spawn('true', { cwd: 5 }),
  'spawn stdio': () => spawn('true', { stdio: 'nonsense' }),
  'spawn stdio list': () => spawn('true', { stdio: [{}] }),
  'spawn serialization': () => spawn('true', { serialization: 'x' }),
  'spawn two ipc': () => spawn('true', { stdio: ['ipc', 'ipc'] }),
  'spawn signal': () => spawn('true', { signal: 1 }),
  'spawn timeout': () => spawn('true', { timeout: -1 }),
  'spawn killSignal': () => spawn('true', { killSignal: 'SIGNOPE' }),
  'spawn env null byte': () => spawn('true', { env: { 'A\0': '1' } }),
  'spawn uid': () => spawn('true', { uid: 'root' }),
  'spawn too big': () => spawn('true', Array(40).fill(big)),
  'spawn getter throws': () => spawn('true', { get env() { throw new TypeError('from the app'); } }),
  'spawn deep': () => deep(12, () => spawn('true', { stdio: 'nonsense' })),
  'spawn limit 3': () => limited(3, () => shown(thrown(() => spawn('true', { stdio: 'nonsense' })))),
  'exec()': () => exec(),
  'exec options': () => exec('true', 5),
  'exec timeout': () => exec('true', { timeout: 'x' }),
  'exec deep stdio': () => deep(12, () => exec('true', { cwd: 5 })),
  'execFile()': () => execFile(),
  'execFile callback': () => execFile('true', [], {}, 'callback'),
  'execFile maxBuffer': () => execFile('true', { maxBuffer: -1 }),
  'fork()': () => fork(),
  'fork ipc': () => fork(empty, { stdio: ['pipe', 'pipe', 'pipe'] }),
  'fork args': () => fork(empty, 'args'),
  'spawnSync()': () => spawnSync(),
  'spawnSync options': () => spawnSync('true', 'x'),
  'spawnSync options 2': () => spawnSync('true', [], 'x'),
  'spawnSync timeout': () => spawnSync('true', { timeout: 1.5 }),
  'spawnSync input': () => spawnSync('cat', { stdio: [{ input: 5 }] }),
  'spawnSync limit 0': () => limited(0, () => shown(thrown(() => spawnSync('true', { timeout: 1.5 })))),
  'execSync()': () => execSync(),
  'execSync cwd': () => execSync('true', { cwd: {} }),
  'execFileSync args': () => execFileSync('true', 5),
  'new Worker()': () => new Worker(),
  'Worker path': () => new Worker('relative.js'),
  'Worker env': () => new Worker(empty, { env: 5 }),
  'Worker execArgv': () => new Worker(empty, { execArgv: ['--title=x'] }),
  'Worker clone': () => new Worker('', { eval: true, workerData: () => {} }),
  'Worker()': () => Worker(empty),
  // What ends well and what does not.
  'spawnSync true': () => spawnSync('true'),
  'spawnSync ENOENT': () => spawnSync('does-not-exist', ['a', 'b']),
  'spawnSync EACCES': () => spawnSync(__filename),
  'spawnSync timeout 20': () => spawnSync('sleep', ['5'], { timeout: 20 }),
  'spawnSync maxBuffer': () => spawnSync('yes', { maxBuffer: 10 }),
  'spawnSync kill': () => spawnSync('sh', ['-c', 'kill -9 $$']),
  'spawnSync frozen': () => spawnSync(process.execPath, ['-e', show], Object.freeze({ env: frozenEnv, encoding: 'utf8' })),
  'spawnSync inherited': () => spawnSync(process.execPath, ['-e', show], { env: inherited, encoding: 'utf8' }),
  'spawnSync undefined': () => spawnSync(process.execPath, ['-e', show], { env: { ...frozenEnv, U: undefined }, encoding: 'utf8' }),
  'spawnSync class': () => spawnSync(process.execPath, ['-e', show], { env: Object.assign(new Environment(), frozenEnv), encoding: 'utf8' }),
  'spawnSync prototype options': () => spawnSync('pwd', Object.create({ cwd: '/' }, { encoding: { value: 'utf8', enumerable: true } })),
  'spawnSync inherited env option': () => spawnSync('sh', ['-c', 'echo $A$HOME'], Object.create({ env: { A: 'inherited' } }, { encoding: { value: 'utf8', enumerable: true } })),
  'spawnSync hidden env option': () => spawnSync('sh', ['-c', 'echo $A$HOME'], Object.defineProperty({ encoding: 'utf8' }, 'env', { value: { A: 'hidden' } })),
  'execFileSync env of a class': () => execFileSync('sh', ['-c', 'echo $A$HOME'], new Options()),
  'spawnSync inherited shell': () => spawnSync('true', ['&&', 'false'], Object.create({ shell: true })),
  'spawnSync coverage': () => covered((args, env) => spawnSync('sh', args, { env, encoding: 'utf8' })),
  'spawnSync coverage of its own': () => covered((args, env) => spawnSync('sh', args, { env: { ...env, NODE_V8_COVERAGE: '/own' }, encoding: 'utf8' })),
  'execFileSync coverage undefined': () => covered((args, env) => execFileSync('sh', args, { env: { ...env, NODE_V8_COVERAGE: undefined }, encoding: 'utf8' })),
  'execFileSync coverage, no env': () => covered((args) => execFileSync('sh', args, { encoding: 'utf8' })),
  'execSync coverage inherited': () => covered((args, env) => execSync(args[1], { env: Object.create({ ...env, NODE_V8_COVERAGE: '/inherited' }), encoding: 'utf8' })),
  'execFile coverage undefined': () => covered((args, env) => promisify(execFile)('sh', args, { env: { ...env, NODE_V8_COVERAGE: undefined } })),
  'spawnSync shell': () => spawnSync('exit', ['4'], { shell: true }),
  'execSync ok': () => execSync('echo hello', { encoding: 'utf8' }),
  'execSync string options': () => execSync('echo hello', 'utf8'),
  'execSync fails': () => execSync('echo no >&2; exit 3', { stdio: 'pipe' }),
  'execSync fails deep': () => deep(12, () => execSync('exit 3')),
  'execSync shell ENOENT': () => execSync('true', { shell: '/does/not/exist' }),
  'execFileSync ok': () => execFileSync('echo', ['a b']),
  'execFileSync fails': () => execFileSync('false', ['a', 'b']),
  'execFileSync ENOENT': () => execFileSync('does-not-exist'),
  'execFileSync timeout': () => execFileSync('sleep', ['5'], { timeout: 20 }),
  'spawn true': () => ended(spawn('true', [], { stdio: 'ignore' })),
  'spawn fails': () => ended(spawn('sh', ['-c', 'exit 7'], { stdio: 'ignore' })),
  'spawn ENOENT': () => ended(spawn('does-not-exist', ['a'])),
  'spawn cwd ENOENT': () => ended(spawn('true', { cwd: '/does/not/exist' })),
  'spawn kill': () => ended(kill(spawn('sleep', ['5'], { stdio: 'ignore' }))),
  'spawn abort': () => ended(spawn('sleep', ['5'], { stdio: 'ignore', signal: AbortSignal.abort() })),
  'spawn inherited': () => ended(spawn('true', { env: inherited, stdio: 'ignore' })),
  'spawn removeAllListeners': () => {
    const child = spawn('true', { stdio: 'ignore' }).on('exit', () => {});
    return [child.removeAllListeners() === child, child.removeAllListeners('exit') === child, ended(child)].reduce(async (all, one) => [...(await all), await one], []);
  },
  'exec ok': () => called((callback) => exec('echo hello', callback)),
  'exec fails': () => called((callback) => exec('echo no >&2; exit 3', callback)),
  'exec timeout 20': () => called((callback) => exec('exec sleep 5', { timeout: 20 }, callback)),
  'execFile ok': () => called((callback) => execFile('echo', ['a'], callback)),
  'execFile maxBuffer 10': () => called((callback) => execFile('yes', { maxBuffer: 10 }, (error) => callback(error))),
  'execFile ENOENT': () => called((callback) => execFile('does-not-exist', callback)),
  'promisified exec': () => promisify(exec)('echo hello'),
  'promisified exec fails': () => promisify(exec)('exit 3'),
  'promisified exec child': () => shown(promisify(exec)('true').child),
  'promisified exec()': () => promisify(exec)(),
  'promisified execFile': () => promisify(execFile)('echo', ['a']),
  'promisified execFile ENOENT': () => promisify(execFile)('does-not-exist'),
  'fork': () => ended(fork(empty)),
  'fork execArgv': () => ended(fork(empty, { execArgv: ['--no-warnings'], silent: true })),
  'async context': () => {
    const storage = new AsyncLocalStorage();
    return storage.run('kept', () => new Promise((resolve) => spawn('true').on('exit', () => resolve(storage.getStore()))));
  },
  'Worker ok': () => exited(new Worker(empty)),
  'Worker url': () => exited(new Worker(require('node:url').pathToFileURL(empty))),
  'Worker eval': () => exited(new Worker('process.exit(4)', { eval: true })),
  'Worker throws': () => exited(new Worker('throw new TypeError("x")', { eval: true })),
  'Worker data': () => exited(new Worker('const w = require("node:worker_threads"); w.parentPort.postMessage([w.workerData, Object.keys(process.env).length > 3, process.execArgv.length > 9, process.argv.length])', { eval: true, workerData: { a: 1 }, argv: ['x'] })),
  'Worker own env': () => exited(new Worker('require("node:worker_threads").parentPort.postMessage(process.env.A)', { eval: true, env: { A: '1' } })),
  'Worker shared env': () => exited(new Worker('process.env.FROM_WORKER = "1"', { eval: true, env: SHARE_ENV })).then((all) => [all, process.env.FROM_WORKER]),
  'Worker terminate': async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    const all = exited(worker);
    await new Promise((resolve) => worker.once('online', resolve));
    return [await worker.terminate(), await all];
  },
  'Worker removeAllListeners': () => exited(new Worker(empty).on('exit', () => {}).removeAllListeners('exit').removeAllListeners()),
  'class extends Worker': async () => {
    class Own extends Worker {
      constructor() {
        super('', { eval: true });
        this.own = 1;
      }
    }
    const one = new Own();
    return [one instanceof Own, one instanceof Worker, one.constructor === Own, Object.getPrototypeOf(Own) === Worker, (await exited(one)).seen];
  },
  // What Node does to an options object that the app hands it by the prototype.
  ...Object.fromEntries(
    Object.entries({ pairs: { envPairs: ['A=1'] }, 'no pairs': {}, frozen: Object.freeze({ file: 'true', stdio: 'ignore', envPairs: ['A=1'] }) }).map(([name, more]) => [
      `ChildProcess.spawn of an object: ${name}`,
      async () => {
        const options = Object.isFrozen(more) ? more : { file: 'sh', args: ['sh', '-c', 'echo $A'], stdio: ['ignore', 'pipe', 'ignore'], ...more };
        const child = new ChildProcess();
        const error = thrown(() => child.spawn(options));
        return [error, Object.keys(options), options.envPairs, [options.stdio].flat().map(String), error === undefined && (await events(child, 'close'))];
      },
    ]),
  ),
  // What the functions are like.
  shapes: () =>
    ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'].map((name) => {
      const fn = childProcess[name];
      return [name, fn.name, fn.length, Reflect.ownKeys(fn).map(String), JSON.stringify(Object.getOwnPropertyDescriptor(childProcess, name)), typeof fn[promisify.custom]];
    }),
  Worker: () => [Worker.name, Worker.length, Reflect.ownKeys(Worker).map(String), Worker.prototype.constructor === Worker, Reflect.ownKeys(Worker.prototype).filter((key) => !['removeAllListeners', 'setMaxListeners', 'getMaxListeners'].includes(key)).map(String), Object.keys(Worker.prototype)],
  ChildProcess: () => [ChildProcess.name, Object.entries(ChildProcess.prototype).map(([key, value]) => [key, value.name, value.length]), new ChildProcess() instanceof ChildProcess],
};

function kill(child) {
  child.kill();
  return child;
}
function thrown(fn) {
  try {
    fn();
  } catch (error) {
    return error;
  }
}

(async () => {
  const outcomes = {};
  for (const [name, call] of Object.entries(table)) {
    // Each from the event loop, so that what was awaited before it is on no stack.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      outcomes[name] = { result: shown(await call()) };
    } catch (error) {
      outcomes[name] = { error: shown(error) };
    }
  }
  process.stdout.write(JSON.stringify(outcomes));
})();
