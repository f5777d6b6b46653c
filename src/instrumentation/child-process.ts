/** Child processes, for any OpenTelemetry SDK: `new NodeSDK({ instrumentations: [new ChildProcessInstrumentation()] })`. */
import childProcess from 'node:child_process';
import { ChildProcessHandler } from './child-process-handler.ts';
import { patchChildProcess } from './child-process-patch.ts';
import { SpoorInstrumentation } from './instrumentation.ts';
import { type ChildProcessInstrumentationConfig, settings } from './settings.ts';

export type { ChildProcessInstrumentationConfig } from './settings.ts';

/**
 * A span for every child process (`spawn`, `exec`, `execFile`, `fork`, their synchronous and promisified
 * forms, and `cluster`), trace context into its environment, and `spoor/register` preloaded into Node descendants.
 * Arguments, environment and error messages are not recorded.
 */
export class ChildProcessInstrumentation extends SpoorInstrumentation<ChildProcessInstrumentationConfig> {
  readonly instrumentationName = 'spoor/child_process';

  constructor(config: ChildProcessInstrumentationConfig = {}) {
    super(config);
  }

  protected patch(): () => void {
    const handler = new ChildProcessHandler(() => settings(this.getConfig(), this.tracer));
    return patchChildProcess(childProcess, () => handler);
  }
}
