// Spawns until it is killed; one dot for each spawn whose end it has seen.
const { writeSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
for (let i = 0; i < 2000; i++) {
  spawnSync('true');
  writeSync(1, '.');
}
