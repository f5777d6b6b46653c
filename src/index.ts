/** The public entry: what an app imports as `spoor`. */
export { correlation } from './correlation.ts';
export { CorrelationSpanProcessor } from './correlation-processor.ts';
export {
  type Artifact, type Chain, type ExportEvents, type Manifest, type PublishOptions, type PublishResult, type ReadyArtifact, type WriteContext, type WriteResult, type Writer,
  type Transcript, type TranscriptChange, type TranscriptEntry, type TranscriptEvent, type TranscriptOptions,
  exports,
} from './exports/exports.ts';
export { ChildProcessInstrumentation } from './instrumentation/child-process.ts';
export { PlaywrightInstrumentation, instrumentPlaywright } from './instrumentation/playwright.ts';
export { PuppeteerInstrumentation, instrumentPuppeteer } from './instrumentation/puppeteer.ts';
export { SeleniumInstrumentation, instrumentSelenium } from './instrumentation/selenium.ts';
export { WorkerThreadsInstrumentation } from './instrumentation/worker-threads.ts';
export type { Health } from './runtime.ts';
export type { EndSpawnOptions, Spawn } from './spawns/agent-spawn.ts';
export { type StartSpawnOptions, spawns } from './spawns/spawns.ts';
export { type AttemptEnd, type EndSelectorOptions, type FoundBy, type ResolveOptions, type SelectorAttempt, type SelectorHooks, type SelectorOperation, type StartSelectorOptions, selectors } from './selectors/selectors.ts';
export { SelectorNotFoundError } from './selectors/resolve.ts';
export type { Strategy, StrategyAttempt } from './selectors/strategy.ts';
export type { ElementFacts } from './selectors/fingerprint.ts';
export { type Spoor, type StartOptions, start } from './start.ts';
