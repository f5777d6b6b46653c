/** The end of a selector that an engine has resolved, or has not: attributes of its span, and its numbers. */
import type { Attributes } from '@opentelemetry/api';
import { ATTR, SELECTOR_ATTEMPTS, SELECTOR_CONFIDENCE, SELECTOR_DRIFT, SELECTOR_FALLBACKS, SELECTOR_RETRIES, SELECTOR_WAIT } from '../conventions.ts';
import { type Operation, recordNumber } from '../operation.ts';
import { addCost, addPlace } from './about.ts';
import { endAs, matchesOf, verdictOf } from './attempt.ts';
import { estimateConfidence } from './confidence.ts';
import { scrubError } from './error-text.ts';
import type { Failure } from './failure.ts';
import { fingerprintLabel } from './fingerprint.ts';
import { callHooks, hasHooks } from './hooks.ts';
import type { EndSelectorOptions, Resolution } from './resolution.ts';
import { selectorSettings } from './settings.ts';

interface Confidence {
  readonly value: number;
  readonly source: 'reported' | 'estimated';
}

/** Numbers first: the end of the operation is what writes them. */
export function endOperation(of: Resolution, operation: Operation, failure: Failure | undefined, result: EndSelectorOptions): void {
  const found = failure === undefined;
  const confidence = found ? confidenceOf(of, result) : undefined;
  const isFallback = found && of.isFallback;
  const numbers: Attributes = {
    [ATTR.SELECTOR_OPERATION]: of.operationName,
    [ATTR.SELECTOR_NAME]: of.known.counted,
    [ATTR.SELECTOR_DRIVER]: of.driver,
    [ATTR.SELECTOR_OUTCOME]: found ? 'completed' : 'failed',
  };
  if (of.winner !== undefined) numbers[ATTR.SELECTOR_STRATEGY] = of.winner;
  if (of.page !== undefined) numbers[ATTR.SELECTOR_PAGE] = of.page;
  if (failure !== undefined) numbers[ATTR.ERROR_TYPE] = failure.type;
  if (of.attempts > 0) recordNumber(SELECTOR_ATTEMPTS, of.attempts, numbers);
  if (of.retries > 0) operation.record(SELECTOR_RETRIES, of.retries, numbers);
  if (of.wait !== undefined) recordNumber(SELECTOR_WAIT, of.wait, numbers);
  if (isFallback) operation.record(SELECTOR_FALLBACKS, 1, numbers);
  if (of.drift !== undefined) operation.record(SELECTOR_DRIFT, of.drift, numbers);
  const attributes = numbers;
  if (confidence !== undefined) {
    attributes[ATTR.SELECTOR_CONFIDENCE_SOURCE] = confidence.source;
    attributes[ATTR.SELECTOR_CONFIDENCE] = confidence.value;
    operation.record(SELECTOR_CONFIDENCE, confidence.value, attributes);
  }
  addFacts(attributes, of, isFallback, found, result);
  attributes[ATTR.SELECTOR_NAME] = of.shownName;
  endAs(operation, of.known, attributes, failure);
  if (!hasHooks()) return;
  callHooks('end', {
    name: of.shownName,
    operation: of.operationName,
    outcome: found ? 'completed' : 'failed',
    strategy: of.winner,
    errorType: failure?.type,
    attempts: of.attempts,
    retries: of.retries,
    fallback: isFallback,
    confidence: confidence?.value,
    confidenceSource: confidence?.source,
    drift: of.drift,
  });
}

/** The app's own, else an estimate, where there is something to estimate from. */
function confidenceOf(of: Resolution, { confidence: reported }: EndSelectorOptions): Confidence | undefined {
  if (typeof reported === 'number' && reported >= 0 && reported <= 1) return { value: reported, source: 'reported' };
  if (of.winner === undefined || of.found === undefined) return undefined;
  const matches = of.expected === 'many' ? 1 : (matchesOf(of.found) ?? 1);
  return { value: estimateConfidence(of.known.tries, of.winner, of.weight, matches), source: 'estimated' };
}

function addFacts(attributes: Attributes, of: Resolution, isFallback: boolean, found: boolean, result: EndSelectorOptions): void {
  const [primary, secondary] = of.strategies;
  if (of.attempts > 0 && primary !== undefined) {
    attributes[ATTR.SELECTOR_EXPECTED] = of.expected;
    attributes[ATTR.SELECTOR_STRATEGIES] = of.strategies as string[];
    attributes[ATTR.SELECTOR_STRATEGY_TIMES] = of.times;
    attributes[ATTR.SELECTOR_PRIMARY] = primary;
    if (secondary !== undefined) attributes[ATTR.SELECTOR_SECONDARY] = secondary;
    attributes[ATTR.SELECTOR_ATTEMPT_COUNT] = of.attempts;
    attributes[ATTR.SELECTOR_SWITCH_COUNT] = of.switches;
    if (found) attributes[ATTR.SELECTOR_FALLBACK] = isFallback;
    if (of.hadError || of.retries > 0) attributes[ATTR.SELECTOR_RECOVERED] = found;
  }
  const matches = found ? matchesOf(result) : result.found;
  if (matches !== undefined) attributes[ATTR.SELECTOR_MATCH_COUNT] = matches;
  if (of.retries > 0) attributes[ATTR.SELECTOR_RETRY_COUNT] = of.retries;
  if (of.wait !== undefined) attributes[ATTR.SELECTOR_WAIT_TIME] = of.wait;
  const validated = verdictOf(result.validated);
  if (validated !== undefined) attributes[ATTR.SELECTOR_VALIDATED] = validated;
  if (of.fingerprint !== undefined) attributes[ATTR.SELECTOR_FINGERPRINT] = fingerprintLabel(of.fingerprint);
  if (of.drift !== undefined) attributes[ATTR.SELECTOR_DRIFT] = of.drift;
  addPlace(attributes, of.place);
  addCost(attributes, result);
  if (result.error !== undefined && selectorSettings().recordErrors) Object.assign(attributes, scrubError(result.error, selectorSettings()));
}
