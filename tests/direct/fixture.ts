/** A program that exports directly. Bundled by the test, as the runtime is; what it does is told by its first argument. */
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { loadConfig } from '../../src/config.ts';
import { SPAWN_ACTIVE, SPAWN_DURATION } from '../../src/conventions.ts';
import { DirectExport } from '../../src/direct/export.ts';
import { Rollup } from '../../src/rollup/rollup.ts';

const [how = '', spans = '3'] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
const dropped: Record<string, number> = {};
const onDropped = (reason: string, count: number): void => void (dropped[reason] = (dropped[reason] ?? 0) + count);
const rollup = new Rollup({ onDropped });
const direct = new DirectExport({
  config: {
    ...loadConfig(process.env).config,
    exitTimeout: Number(process.env.TEST_EXIT_TIMEOUT ?? 2000),
  },
  resource: { 'service.name': 'fixture' },
  rollup,
  onDropped,
  worker: process.env.TEST_WORKER!,
});
process.on('exit', () => {
  const begun = process.hrtime.bigint();
  direct.end();
  process.stdout.write(`${JSON.stringify({ dropped, waited: Number(process.hrtime.bigint() - begun) / 1e6 })}\n`);
});
const provider = new BasicTracerProvider({
  spanProcessors: [{ onStart() {}, onEnd: (span) => direct.span(span), forceFlush: async () => {}, shutdown: async () => {} }],
});

function operations(count: number): void {
  for (let i = 0; i < count; i++) {
    const span = provider.getTracer('fixture').startSpan(`operation ${i}`, { attributes: { text: '"é\n', list: [1, 2] } });
    rollup.record(SPAWN_DURATION, 0.02, {});
    rollup.record(SPAWN_ACTIVE, 1, {});
    span.addEvent('event');
    span.end();
  }
}

if (how !== 'app-worker' && how !== 'nothing') operations(Number(spans));
if (how === 'exit') process.exit(7);
if (how === 'throw') throw new Error('the app fails');
if (how === 'flush') {
  await direct.flush();
  process.stdout.write('flushed\n');
}
if (how === 'app-worker') void new Worker(process.argv[1]!, { workerData: ['natural', spans] });
