// @ts-check
/** Says how late the event loop is at worst in 99 of 100 ticks, while nothing happens or 2,000 series change each second. */
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { ATTR, SPAWN_DURATION } from '../../dist/src/conventions.js';
import { contestant } from '../harness/contestant.js';

const SERIES = 2_000;
/** So that all series change within a second, evenly. */
const AT_ONCE = 20;
const EVERY = 10;

const { createRuntime } = createRequire(import.meta.url)('../../dist/runtime.cjs');
const runtime = createRuntime(undefined, { maxSeries: SERIES + 1 });
let next = 0;

function change() {
  for (let i = 0; i < AT_ONCE; i++) {
    const attributes = { [ATTR.SPAWN_KIND]: 'spawn', [ATTR.PROCESS_EXECUTABLE_NAME]: `tool-${next++ % SERIES}` };
    runtime.nextSequence();
    runtime.recorder.record(SPAWN_DURATION, 0.001 * (1 + (next % 97)), attributes);
    runtime.settled();
  }
}

let p99 = 0;
contestant(
  async (seconds) => {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const changes = process.argv[2] === 'idle' ? undefined : setInterval(change, EVERY);
    delay.enable();
    await setTimeout(seconds * 1_000);
    delay.disable();
    clearInterval(changes);
    p99 = delay.percentile(99) / 1e6;
  },
  () => ({ p99 }),
);
