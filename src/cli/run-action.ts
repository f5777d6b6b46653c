/** What `spoor run` does: starts the command with the preload, and ends as it does. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { steady } from '../clock.ts';
import { type Overrides, loadConfig } from '../config.ts';
import { ATTR, PROCESS_SPAWN } from '../conventions.ts';
import { environmentChanges } from '../instrumentation/child-environment.ts';
import { executableName } from '../instrumentation/executable.ts';
import { operationEnd } from '../instrumentation/outcome.ts';
import { scrubArguments } from '../instrumentation/scrub-arguments.ts';
import { startOperation } from '../operation.ts';
import { TraceCounts } from '../report/trace-counts.ts';
import { clean } from '../report/words.ts';
import { type Runtime, provideRuntime, runtime } from '../runtime.ts';
import { inheritedStdio } from './inherited.ts';
import type { RunOptions } from './run.ts';
import { closingJson, closingText } from './run-closing.ts';
import { shipRest } from './ship-rest.ts';
import { endLike, forwardSignals } from './signals.ts';
import { CliError } from './terminal.ts';

const bundle = (name: string): string => fileURLToPath(new URL(`../../${name}.cjs`, import.meta.url));

export async function run([command, ...args]: readonly string[], options: RunOptions): Promise<void> {
  if (command === undefined || command === '') throw new CliError('run: no command given', 2);
  const stdio = inheritedStdio();
  if (options.correlationId !== undefined) process.env.SPOOR_CORRELATION_ID = options.correlationId;
  const overrides: Overrides = options.dir === undefined ? {} : { directory: resolve(options.dir) };
  const { config } = loadConfig(process.env, process.cwd(), overrides);
  // The bundle that the traced processes use too. Not `start()`: this process's own spawn is the operation below.
  // False in a run within a run: this process is preloaded too, and the preload records what it spawns.
  const isOurs = provideRuntime((cwd) => (createRequire(import.meta.url)(bundle('runtime')) as { createRuntime(cwd: string | undefined, options: Overrides): Runtime | undefined }).createRuntime(cwd, overrides));

  const counts = config.files ? new TraceCounts(config.directory) : undefined;
  const started = steady();
  const executable = executableName(command, process.env);
  const attributes = {
    [ATTR.SPAWN_KIND]: 'spawn',
    [ATTR.PROCESS_EXECUTABLE_NAME]: executable,
    [ATTR.SPAWN_ARGUMENT_COUNT]: args.length,
    ...(config.recordArguments && { [ATTR.PROCESS_COMMAND_ARGS]: scrubArguments(args, command) }),
  };
  const operation = isOurs ? startOperation(PROCESS_SPAWN, executable, { attributes }) : undefined;
  const env = { ...process.env };
  // The same that a traced program gives its children. A preloaded process's spawn does it by itself.
  if (operation !== undefined) Object.assign(env, environmentChanges(operation, config, process.env.NODE_OPTIONS, { args }));
  env.SPOOR_DIR = config.directory;

  const { code, signal, error } = await new Promise<Ended>((done) => {
    const stop = forwardSignals(() => child);
    const child = spawn(command, args, { stdio, env });
    if (child.pid !== undefined) operation?.setAttributes({ [ATTR.PROCESS_PID]: child.pid });
    child.once('error', (failure: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      stop();
      done({ code: null, signal: null, error: failure.code ?? 'unknown' });
    });
    child.once('exit', (exitCode, exitSignal) => {
      stop();
      done({ code: exitCode, signal: exitSignal, error: undefined });
    });
  });

  // The command's; what is sent after it takes as long as it takes.
  const seconds = (steady() - started) / 1000;
  operation?.end(operationEnd({ exitCode: code, signal, reason: error }, (exitCode) => exitCode === 0));
  const current = runtime();
  await current?.shutdown();
  if (error !== undefined) throw notStarted(command, error);
  // Of a run within a run the outer one sends.
  const unsent = isOurs ? await shipRest(config) : undefined;
  // Where files are off only a program is told: there is nothing to count, and nowhere to look.
  if (!options.quiet && current !== undefined && (options.json || counts !== undefined)) {
    const { traceId, spanId, traceFlags } = operation?.span.spanContext() ?? trace.getSpanContext(current.rootContext) ?? INVALID_SPAN_CONTEXT;
    const { directory, dropped } = current.health();
    const isSampled = (traceFlags & 1) === 1;
    const closing = { executable, code, signal, seconds, traceId, counts: isSampled ? counts?.of(traceId, spanId) : undefined, isSampled, isKept: counts?.hasGrown === true, directory, dropped, unsent };
    process.stderr.write(`${options.json ? closingJson(closing) : closingText(closing)}\n`);
  }
  if (!options.quiet && !options.json && config.disabled) process.stderr.write('spoor: off (OTEL_SDK_DISABLED): nothing was recorded\n');
  endLike(code, signal);
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started: the system's code. */
  readonly error: string | undefined;
}

/** The shell's exit codes. */
function notStarted(command: string, code: string): CliError {
  const name = clean(command, 200);
  if (code === 'ENOENT') return new CliError(`${name}: command not found`, 127);
  if (code === 'EACCES') return new CliError(`${name}: permission denied (is it an executable file?)`, 126);
  return new CliError(`${name}: cannot be executed (${code})`, 126);
}
