/** When each selector with a name was last used, and what it found last: from the lines of numbers. */
import { ATTR, SELECTOR_DURATION, SELECTOR_WAIT } from '../conventions.ts';
import type { MetricsRequest } from '../rollup/request.ts';
import { LastFinds } from './last-finds.ts';
import { milliseconds } from './otlp.ts';
import type { StatsTable } from './selector-stats.ts';

const MAX_NAMES = 5_000;

export class Uses {
  readonly #byName = new Map<string, { lastUsed: number; readonly finds: LastFinds }>();

  add({ resources }: MetricsRequest): void {
    for (const metric of resources.flatMap(({ scopes }) => scopes.flatMap(({ metrics }) => metrics))) {
      if (metric.name !== SELECTOR_DURATION.name && metric.name !== SELECTOR_WAIT.name) continue;
      for (const { attributes, count, startTimeUnixNano, timeUnixNano } of metric.points) {
        const value = (key: string): string | undefined => attributes.find((one) => one.key === key)?.value.stringValue;
        const name = value(ATTR.SELECTOR_NAME);
        // Attempts are part of something that is counted itself.
        const use = name === undefined || value(ATTR.SELECTOR_OPERATION) === 'attempt' ? undefined : this.#of(name);
        if (use === undefined) continue;
        const end = milliseconds(timeUnixNano);
        use.lastUsed = Math.max(use.lastUsed, end);
        // There is a time until it was found where it was, whatever became of the action on it.
        if (metric.name === SELECTOR_WAIT.name) use.finds.found(end);
        else use.finds.addPoint(value(ATTR.ERROR_TYPE), count, milliseconds(startTimeUnixNano), end);
      }
    }
  }

  giveTo(selectors: StatsTable): void {
    for (const [name, known] of this.#byName) Object.assign(selectors.known(name) ?? {}, known);
  }

  #of(name: string): { lastUsed: number; readonly finds: LastFinds } | undefined {
    let known = this.#byName.get(name);
    if (known === undefined && this.#byName.size < MAX_NAMES) this.#byName.set(name, (known = { lastUsed: 0, finds: new LastFinds() }));
    return known;
  }
}
