/**
 * `spoor/instrument`: child processes, worker threads and browser drivers, and nothing else, for an app that has an
 * OpenTelemetry SDK of its own. No files, no runtime: spans and numbers go to whatever is registered with the
 * API when they are made. The bundle's own copy of the API reads what any copy registers.
 */
import { isDisabled } from './guest/asked.ts';
import { guest } from './guest/slot.ts';
import { ChildProcessInstrumentation } from './instrumentation/child-process.ts';
import { PlaywrightInstrumentation } from './instrumentation/playwright.ts';
import { PuppeteerInstrumentation } from './instrumentation/puppeteer.ts';
import { SeleniumInstrumentation } from './instrumentation/selenium.ts';
import { WorkerThreadsInstrumentation } from './instrumentation/worker-threads.ts';
import { log } from './log.ts';

if (isDisabled()) {
  log('debug', 'instrument', 'disabled', 'OTEL_SDK_DISABLED is set: nothing is instrumented');
} else if (guest()) {
  log('info', 'instrument', 'registered_before', 'spoor/register is active in this process and instruments already: spoor/instrument does nothing');
} else {
  try {
    new ChildProcessInstrumentation();
    new WorkerThreadsInstrumentation();
    new PlaywrightInstrumentation();
    new PuppeteerInstrumentation();
    new SeleniumInstrumentation();
    log('info', 'instrument', 'instrumented', "instrumenting child_process, worker_threads, playwright, puppeteer, selenium-webdriver; spans and numbers go to the app's own SDK");
  } catch (error) {
    log('error', 'instrument', 'instrument_failed', `nothing is instrumented: ${(error as Error).message}`);
  }
}
