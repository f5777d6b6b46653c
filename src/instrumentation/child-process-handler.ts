/** Makes an operation of each call of `node:child_process` that the patch shows it. */
import type { ChildProcess } from 'node:child_process';
import { type Attributes, context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { ATTR, PROCESS_SPAWN } from '../conventions.ts';
import { given } from '../given.ts';
import { type Operation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { type Command, type SpawnOptions, limitsOf, spawnCall, syncCall } from './child-process-arguments.ts';
import { changeEnvironment, environmentChanges } from './child-environment.ts';
import { type Asked, ChildWatch, limitingChild } from './child-watch.ts';
import { PROTOTYPE_GET_LIMIT, PROTOTYPE_REMOVE_ALL, PROTOTYPE_SET_LIMIT, PROTOTYPE_SPAWN, PROTOTYPE_UNREF } from './child-process-patch.ts';
import { listeningAgain } from './listening-again.ts';
import { errorType, operationEnd, orEnd, syncOutcome } from './outcome.ts';
import type { Settings } from './settings.ts';
import type { Call, Handler } from './wrap.ts';

export class ChildProcessHandler implements Handler {
  readonly #settings: () => Settings;
  /** What the app called, while Node works on it: `exec` calls `execFile`, which makes the process. */
  #asked: Asked | undefined;

  constructor(settings: () => Settings) {
    this.#settings = settings;
  }

  begin(name: string, self: unknown, args: unknown[]): Call | undefined {
    try {
      if (name === PROTOTYPE_SPAWN) return this.#spawn(self as ChildProcess, args);
      if (name === PROTOTYPE_UNREF || name === PROTOTYPE_REMOVE_ALL) return known(name, ChildWatch.of(self as object), args);
      if (name === PROTOTYPE_SET_LIMIT || name === PROTOTYPE_GET_LIMIT) return limitingChild(name === PROTOTYPE_SET_LIMIT, self as ChildProcess, args);
      return name.endsWith('Sync') ? this.#sync(name, args) : this.#ask(name, args);
    } catch {
      // A fault of ours: the call goes on untraced.
      runtime()?.dropped('instrumentation_fault');
      return undefined;
    }
  }

  #ask(name: string, args: unknown[]): Call | undefined {
    if (this.#asked !== undefined) return undefined;
    const limits = given(() => limitsOf(args));
    if (limits === undefined) return undefined;
    const { timeout, maxBuffer } = limits;
    this.#asked = {
      kind: name,
      timeout: typeof timeout === 'number' ? timeout : 0,
      maxBuffer: name === 'fork' ? Infinity : typeof maxBuffer === 'number' ? maxBuffer : 1024 * 1024,
    };
    return { args, end: () => (this.#asked = undefined) };
  }

  #spawn(child: ChildProcess, args: unknown[]): Call | undefined {
    const call = given(() => spawnCall(args[0] as SpawnOptions | undefined));
    if (call === undefined) return undefined;
    const { command, pairs, detached } = call;
    const asked = this.#asked ?? { kind: 'spawn', timeout: 0, maxBuffer: Infinity };
    const settings = this.#settings();
    const operation = this.#start(asked.kind, command, settings, detached);
    if (operation === undefined) return undefined;
    return orEnd(operation, () => {
      const changes = environmentChanges(operation, settings, pairs.nodeOptions, call);
      ChildWatch.begin(child, operation, { ...asked, timeout: asked.timeout || call.timeout }, {
        detached,
        succeeded: (exitCode) => settings.isSuccess(command.executable, exitCode),
      });
      const restore = lend(args[0] as { envPairs?: string[] }, pairs.changed(changes));
      return {
        args,
        end: (outcome) => {
          restore();
          if ('error' in outcome) operation.end({ error: { type: errorType(outcome.error) } });
        },
      };
    });
  }

  #sync(name: string, args: unknown[]): Call | undefined {
    // Everything of the app's is read before there is anything to end.
    const call = given(() => syncCall(name, args));
    if (call === undefined) return undefined;
    const settings = this.#settings();
    const operation = this.#start(name, call.command, settings, false);
    if (operation === undefined) return undefined;
    return orEnd(operation, () => {
      const changes = environmentChanges(operation, settings, call.nodeOptions, call);
      return {
        args: call.withEnvironment(changeEnvironment(call.env, changes)),
        end: (outcome) => {
          const how = given(() => ('error' in outcome ? syncOutcome(outcome.error) : name === 'spawnSync' ? syncOutcome(outcome.result) : { exitCode: 0 }));
          operation.end(operationEnd(how ?? {}, (exitCode) => settings.isSuccess(call.command.executable, exitCode)));
        },
      };
    });
  }

  #start(kind: string, command: Command, settings: Settings, detached: boolean): Operation | undefined {
    // What exporters and resource detectors start for themselves, and what the app does not want to see.
    const parent = context.active();
    if (isTracingSuppressed(parent) || settings.ignore(command.executable)) return undefined;
    const attributes: Attributes = { [ATTR.PROCESS_EXECUTABLE_NAME]: command.executable, [ATTR.SPAWN_KIND]: kind, [ATTR.SPAWN_SHELL]: command.shell };
    if (command.argumentCount !== undefined) attributes[ATTR.SPAWN_ARGUMENT_COUNT] = command.argumentCount;
    if (settings.recordArguments) attributes[ATTR.PROCESS_COMMAND_ARGS] = command.scrubbed();
    if (detached) attributes[ATTR.SPAWN_DETACHED] = true;
    return startOperation(PROCESS_SPAWN, command.executable, { tracer: settings.tracer, parent, blocking: kind.endsWith('Sync'), attributes });
  }
}

/** A call of a child that is watched. */
function known(name: string, watch: ChildWatch | undefined, args: unknown[]): Call | undefined {
  if (name === PROTOTYPE_UNREF) return void watch?.unref();
  return watch && listeningAgain(args, (to) => watch.listen(to));
}

/**
 * Puts other pairs into the options for as long as Node works with them: an object of Node's own, but for those
 * who call the prototype themselves. A copy would hide from them what Node changes in it.
 * @returns puts back what was there
 */
function lend(options: { envPairs?: string[] }, pairs: string[]): () => void {
  const isOwn = Object.hasOwn(options, 'envPairs');
  const before = options.envPairs;
  // An object that refuses is left alone: the child gets no context.
  if (given(() => Reflect.set(options, 'envPairs', pairs)) !== true) return () => {};
  return () => void (isOwn ? Reflect.set(options, 'envPairs', before) : Reflect.deleteProperty(options, 'envPairs'));
}
