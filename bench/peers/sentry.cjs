/** Sentry as its users preload it, with tracing on. The DSN is in SENTRY_DSN. */
const { createRequire } = require('node:module');
const { join } = require('node:path');

createRequire(join(process.env.SPOOR_BENCH_PEERS, 'index.js'))('@sentry/node').init({ tracesSampleRate: 1 });
