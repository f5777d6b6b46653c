/** A parent of many Node children that do nothing, three at a time. */
const { spawn } = require('node:child_process');

let left = Number(process.argv[2]);
function next() {
  if (left-- > 0) spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }).once('close', next);
}
for (let i = 0; i < 3; i++) next();
