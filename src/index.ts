/** The public entry: what an app imports as `spoor`. */
export { correlation } from './correlation.ts';
export { CorrelationSpanProcessor } from './correlation-processor.ts';
export { ChildProcessInstrumentation } from './instrumentation/child-process.ts';
export { PlaywrightInstrumentation, instrumentPlaywright } from './instrumentation/playwright.ts';
export { WorkerThreadsInstrumentation } from './instrumentation/worker-threads.ts';
export type { Health } from './runtime.ts';
export { type EndSpawnOptions, type Spawn, type StartSpawnOptions, spawns } from './spawns/spawns.ts';
export { type Spoor, type StartOptions, start } from './start.ts';
