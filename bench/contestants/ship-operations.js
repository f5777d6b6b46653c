// @ts-check
/**
 * Makes so many operations a second for as many seconds as it is asked, and says how late its event loop was at worst
 * in 99 of 100 ticks, how many operations it made, and its memory (MB). Argument: operations a second.
 */
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { startOperation } from '../../dist/src/operation.js';
import { provideRuntime } from '../../dist/src/runtime.js';
import { contestant } from '../harness/contestant.js';
import { KIND, attributesOf, nameOf } from './operation-attributes.js';

const { createRuntime } = createRequire(import.meta.url)('../../dist/runtime.cjs');
provideRuntime(createRuntime);
const rate = Number(process.argv[2]);
const TICK = 10;
let made = 0;
let p99 = 0;

contestant(
  async (seconds) => {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const begun = performance.now();
    const before = made;
    const tick = () => {
      // By the clock, so that a late tick makes up for it; the last one makes exactly what is missing.
      const due = Math.min(performance.now() - begun, seconds * 1_000) * (rate / 1_000);
      for (; made - before < due; made++) startOperation(KIND, nameOf(made), { attributes: attributesOf(made) }).end();
    };
    const timer = rate > 0 ? setInterval(tick, TICK) : undefined;
    delay.enable();
    await setTimeout(seconds * 1_000);
    delay.disable();
    clearInterval(timer);
    if (rate > 0) tick();
    p99 = delay.percentile(99) / 1e6;
  },
  () => ({ p99, made, rss: process.memoryUsage().rss / 1e6 }),
);
