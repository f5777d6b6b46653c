/** What a person has set about selector operations, in a form that an operation can use at once. */
import { type Config, ownConfig } from '../config.ts';
import { runtime } from '../runtime.ts';

export interface SelectorSettings {
  readonly spans: Config['selectorSpans'];
  /** What the person's own rule replaces. */
  readonly redact: RegExp | undefined;
  readonly hashNames: boolean;
  readonly recordText: boolean;
  readonly recordErrors: boolean;
  /** Origins whose requests carry the trace. */
  readonly propagation: readonly string[];
}

let from: Config | undefined;
let current: SelectorSettings | undefined;

/** The same object until the configuration is another one. */
export function selectorSettings(): SelectorSettings {
  // Without a runtime of ours (an app with its own SDK) the same variables and file hold.
  const config = runtime()?.config ?? ownConfig();
  if (current === undefined || config !== from) {
    from = config;
    current = {
      spans: config.selectorSpans,
      redact: config.selectorRedact === undefined ? undefined : new RegExp(config.selectorRedact, 'giu'),
      hashNames: config.hashSelectorNames,
      recordText: config.recordSelectorText,
      recordErrors: config.recordSelectorErrors,
      propagation: config.selectorPropagation?.split(',').map((origin) => origin.trim()) ?? [],
    };
  }
  return current;
}
