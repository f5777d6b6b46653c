/** Programs that are ended from outside, and what a reader makes of what they left. */
import { spawn } from 'node:child_process';
import { lines, REGISTER, attributesOf, spans, type Result, cleanEnvironment } from './program.ts';

export interface Ending extends Result {
  /** What the program printed on lines of its own. */
  readonly said: readonly string[];
}

/** Runs a program; when it says `ready`, sends it the signal, if there is one. */
export function runUntilReady(args: readonly string[], options: { signal?: NodeJS.Signals | undefined; env?: NodeJS.ProcessEnv; plain?: boolean }): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, options.plain ? args : ['--require', REGISTER, ...args], {
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (options.signal && stdout.includes('ready\n')) child.kill(options.signal);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr, said: stdout.trim().split('\n') }));
  });
}

/**
 * How many spawns of each executable a reader counts: those in the delta lines, and, of a runtime that left
 * no final line, the spans after its last one.
 */
export function counted(directory: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const last = new Map<string, number>();
  const final = new Set<string>();
  for (const request of lines(directory, 'rollups')) {
    for (const { resource, scopeMetrics } of request.resourceMetrics) {
      const runtime = String(attributesOf(resource.attributes)['service.instance.id']);
      for (const { scope, metrics } of scopeMetrics) {
        const marks = attributesOf(scope.attributes);
        last.set(runtime, Math.max(last.get(runtime) ?? 0, Number(marks['spoor.sequence'] ?? 0)));
        if (marks['spoor.final']) final.add(runtime);
        for (const metric of metrics) {
          if (metric.name !== 'spoor.spawn.duration') continue;
          for (const point of metric.exponentialHistogram.dataPoints) {
            const executable = String(attributesOf(point.attributes)['process.executable.name']);
            counts[executable] = (counts[executable] ?? 0) + Number(point.count);
          }
        }
      }
    }
  }
  for (const span of spans(directory)) {
    const runtime = String(span.resource['service.instance.id']);
    if (span.scope !== 'spoor' || final.has(runtime) || Number(span.attributes['spoor.sequence']) <= (last.get(runtime) ?? 0)) continue;
    const executable = String(span.attributes['process.executable.name']);
    counts[executable] = (counts[executable] ?? 0) + 1;
  }
  return counts;
}
