// Uses a secret in every place where a command can carry one; most of the commands fail.
const { exec, execFile, execFileSync, execSync, spawn, spawnSync } = require('node:child_process');
const { Worker } = require('node:worker_threads');
const secret = process.argv[2];
const quietly = (fn) => {
  try {
    fn();
  } catch {}
};
const env = { ...process.env, PASSWORD: secret };
quietly(() => execSync(`echo --token=${secret} >&2; exit 2`, { stdio: 'pipe', env }));
quietly(() => execFileSync('sh', ['-c', 'exit 4', `--password=${secret}`, `-p${secret}`], { stdio: 'pipe' }));
quietly(() => execFileSync('no-such-command', ['--secret', secret]));
spawnSync('true', [`https://user:${secret}@example.test/`, '-H', `Authorization: Bearer ${secret}`]);
spawn('no-such-command', [`API_KEY=${secret}`], { env }).on('error', () => {});
exec(`PGPASSWORD=${secret} false`, { env }, () => {});
// A secret that nothing marks as one cannot be told from any other word: recorded arguments would show it.
const unmarked = process.env.SPOOR_RECORD_ARGUMENTS ? '' : secret;
execFile('sh', ['-c', `echo ${unmarked} >&2; exit 1`], () => {});
new Worker(`throw new Error(require('node:worker_threads').workerData)`, { eval: true, workerData: secret, env, argv: [secret] }).on('error', () => {});
