// Spawns `true` so many times, with short pauses.
const { spawnSync } = require('node:child_process');
let left = Number(process.argv[2]);
(function next() {
  spawnSync('true');
  if (--left > 0) setTimeout(next, Math.random() * 20);
})();
