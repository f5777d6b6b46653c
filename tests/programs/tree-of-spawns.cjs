// Spawns `true` some times, and Node children that do the same; each says what it had loaded of the sending.
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const [depth, each] = process.argv.slice(2).map(Number);
for (let i = 0; i < each; i++) spawnSync('true');
const threads = existsSync('/proc/self/task') ? readdirSync('/proc/self/task').map((id) => require('node:fs').readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim()) : [];
for (let i = 0; depth > 0 && i < 2; i++) process.stdout.write(spawnSync(process.execPath, [__filename, String(depth - 1), String(each)], { encoding: 'utf8' }).stdout);
const sockets = process.getActiveResourcesInfo().filter((name) => /TCP|Socket/.test(name)).length;
process.stdout.write(`${JSON.stringify({ pid: process.pid, isRoot: !process.env.SPOOR_DEPTH, resources: process.getActiveResourcesInfo(), threads: threads.length, sockets })}\n`);
