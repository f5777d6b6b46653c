/** Worker threads, for any OpenTelemetry SDK. */
import workerThreads from 'node:worker_threads';
import { SpoorInstrumentation } from './instrumentation.ts';
import { type SpawnInstrumentationConfig, settings } from './settings.ts';
import { WorkerHandler } from './worker-handler.ts';
import { patchWorkerThreads } from './worker-threads-patch.ts';

export type WorkerThreadsInstrumentationConfig = SpawnInstrumentationConfig;

/** A span for every `Worker`, trace context into it, and `spoor/register` preloaded there. */
export class WorkerThreadsInstrumentation extends SpoorInstrumentation<WorkerThreadsInstrumentationConfig> {
  readonly instrumentationName = 'spoor/worker_threads';

  constructor(config: WorkerThreadsInstrumentationConfig = {}) {
    super(config);
  }

  protected patch(): () => void {
    const handler = new WorkerHandler(() => settings(this.getConfig(), this.tracer));
    return patchWorkerThreads(workerThreads, () => handler);
  }
}
