/** When each selector was last used and last found, and how often it has failed since: from the lines, in their order. */
import { ATTR, SELECTOR_DURATION } from '../conventions.ts';
import type { MetricsRequest } from '../rollup/request.ts';
import { milliseconds } from './otlp.ts';
import type { StatsTable } from './selector-stats.ts';

interface Use {
  /** Epoch milliseconds of the last. */
  completed: number;
  failed: number;
  failures: number;
}

const MAX_NAMES = 5_000;

export class Uses {
  readonly #byName = new Map<string, { lastUsed: number; lastCompleted: number; failuresInARow: number }>();

  add(request: MetricsRequest): void {
    for (const [name, { completed, failed, failures }] of usesOf(request)) {
      let known = this.#byName.get(name);
      if (known === undefined) {
        if (this.#byName.size >= MAX_NAMES) continue;
        this.#byName.set(name, (known = { lastUsed: 0, lastCompleted: 0, failuresInARow: 0 }));
      }
      known.lastUsed = Math.max(known.lastUsed, completed, failed);
      known.lastCompleted = Math.max(known.lastCompleted, completed);
      // A line of an hour does not tell how many of its failures came after its last success: one did, at least.
      if (completed > 0) known.failuresInARow = failed > completed ? 1 : 0;
      else known.failuresInARow += failures;
    }
  }

  giveTo(selectors: StatsTable): void {
    for (const [name, known] of this.#byName) Object.assign(selectors.known(name) ?? {}, known);
  }
}

/** What one line says of each named selector; attempts are part of something that is counted itself. */
function usesOf({ resources }: MetricsRequest): Map<string, Use> {
  const uses = new Map<string, Use>();
  for (const metric of resources.flatMap(({ scopes }) => scopes.flatMap(({ metrics }) => metrics))) {
    if (metric.name !== SELECTOR_DURATION.name) continue;
    for (const { attributes, count, timeUnixNano } of metric.points) {
      const value = (key: string): string | undefined => attributes.find((one) => one.key === key)?.value.stringValue;
      const name = value(ATTR.SELECTOR_NAME);
      if (name === undefined || value(ATTR.SELECTOR_OPERATION) === 'attempt') continue;
      const use = uses.get(name) ?? { completed: 0, failed: 0, failures: 0 };
      uses.set(name, use);
      const time = milliseconds(timeUnixNano);
      if (value(ATTR.SELECTOR_OUTCOME) === 'failed') {
        use.failed = Math.max(use.failed, time);
        use.failures += count;
      } else use.completed = Math.max(use.completed, time);
    }
  }
  return uses;
}
