/** Budgets: what a publish may take. Over it nothing is stopped; it is said. */
import { DESTINATIONS, type DestinationSettings } from './destinations.ts';
import { attempt } from './attempt.ts';
import { errorText } from './faults.ts';
import type { Budget, Manifest } from './manifest.ts';
import type { BudgetLimits } from './publish-options.ts';
import { exportSettings } from './settings.ts';
import type { WriteContext } from './writer.ts';

interface Taken {
  readonly durationMs: number;
  readonly size: number;
  readonly failures: number;
}

/** Those that are set: by the call, else by the configuration. */
export function budgetsOf(limits: BudgetLimits | undefined, { durationMs, size, failures }: Taken): Budget[] {
  const { duration, size: bytes, failures: most } = limits ?? configured();
  const budget = (name: Budget['name'], limit: number | undefined, actual: number, unit = 1): Budget[] => (Number.isFinite(limit) ? [{ name, limit: limit! / unit, actual, exceeded: actual > limit! / unit }] : []);
  return [...budget('duration', duration, Math.round(durationMs) / 1000, 1000), ...budget('size', bytes, size), ...budget('failures', most, failures)];
}

function configured(): BudgetLimits {
  const { exportMaxDuration, exportMaxSize, exportMaxFailures } = exportSettings();
  return {
    ...(exportMaxDuration > 0 && { duration: exportMaxDuration }),
    ...(exportMaxSize > 0 && { size: exportMaxSize }),
    ...(exportMaxFailures >= 0 && { failures: exportMaxFailures }),
  };
}

export function exceeded(budgets: readonly Budget[]): boolean {
  return budgets.some((budget) => budget.exceeded);
}

/**
 * Posts the manifest to the webhook, where one is set (`SPOOR_WEBHOOK_URL`) and was not told of it in a chain.
 * @param told the budgets as those that come last in chains were told of them
 */
export async function announceOverrun(manifest: Manifest, told: readonly Budget[], settings: DestinationSettings, timeout: number, cancelled: AbortSignal | undefined, problems: string[]): Promise<void> {
  const { webhook } = DESTINATIONS;
  const isTold = (manifest.fallbackSummary.webhook?.written ?? 0) > 0 && manifest.budgets.every((budget) => !budget.exceeded || told.some(({ name, exceeded }) => exceeded && name === budget.name));
  if (!settings.env.SPOOR_WEBHOOK_URL || isTold) return;
  const answer = await attempt(
    async (signal) => {
      const writer = await webhook!.make(undefined, settings);
      const context: WriteContext = {
        get signal() {
          return signal();
        },
        runId: manifest.runId,
        correlationId: manifest.correlationId,
        environment: () => ({}),
        temporaryDirectory: () => Promise.reject(new Error('there is none any more')),
        manifest: () => manifest,
      };
      return writer.writeAll!([], context);
    },
    timeout,
    cancelled,
  );
  const result = 'errorCode' in answer ? answer : [answer.value].flat()[0];
  if (result !== undefined && ('status' in result ? result.status !== 'written' : true)) problems.push(`the budget's webhook was not reached: ${errorText(result.error ?? result.errorCode)}`);
}
