/** Starts up, spawns once, ends. */
require('node:child_process').spawn('true').on('close', () => {});
