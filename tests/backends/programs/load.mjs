/** Children, and spans of the app's own, for so many seconds: `node load.mjs <seconds>`. */
import { spawnSync } from 'node:child_process';
import { trace } from '@opentelemetry/api';

const end = performance.now() + Number(process.argv[2]) * 1000;
const tracer = trace.getTracer('load');
while (performance.now() < end) {
  spawnSync(Math.random() < 0.2 ? 'false' : 'true');
  for (let i = 0; i < 20; i++) tracer.startSpan('step').end();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
