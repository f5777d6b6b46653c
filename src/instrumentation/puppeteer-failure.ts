/** What an error of Puppeteer's means. Its waits throw an error of their own, and what happened is the cause. */
import { type Failure, type FailureType, failureOf } from '../selectors/failure.ts';

export interface Known {
  /** Whether the element was found on the way; undefined where the calls do not tell. */
  readonly found: boolean | undefined;
  /** Whether the call waited for an element to be there, and no more. */
  readonly isElementEnough: boolean;
  /** The page, or the whole browser. */
  readonly isClosed: boolean;
  /** By the signal that the call was given. */
  readonly isAborted: boolean;
}

const MOST_CAUSES = 5;

const SAID: readonly (readonly [RegExp, FailureType])[] = [
  [/^Attempted to use (?:disposed|detached)|frame (?:got )?detached|Cannot find context|^Browsing context already closed/i, 'detached'],
  [/^Unknown selector type/, 'invalid_selector'],
  [/^Element (?:is not an? |cannot be |did not |is read-only|has no option)|is not a file input/, 'not_actionable'],
];

export function puppeteerFailure(error: unknown, { found, isElementEnough, isClosed, isAborted }: Known): Failure {
  // A locator goes on looking in a page that was closed, until its time is over.
  if (isClosed) return { type: 'target_closed' };
  const chain: Error[] = [];
  for (let one = error as Error | undefined; typeof one === 'object' && one !== null && chain.length < MOST_CAUSES; one = one.cause as Error | undefined) chain.push(one);
  if (isAborted || chain.some(isAbort)) return { type: 'aborted' };
  // What was not visible, or not hidden, may have been there or not.
  if (chain.some(({ name }) => name === 'TimeoutError')) return isElementEnough ? failureOf(error, found) : { type: 'timeout' };
  for (const one of chain.toReversed()) {
    const message = String(one.message).replace(/^Waiting (?:for .* )?failed(?:: |$)/s, '');
    const type = SAID.find(([pattern]) => pattern.test(message))?.[1] ?? failureOf({ name: one.name, message }).type;
    if (type !== one.name) return { type };
  }
  // Nothing of it says more than that: a wait that failed has not found out whether there is an element.
  return failureOf({ name: chain.at(-1)?.name });
}

/** By a signal of the app's; that of `AbortSignal.timeout()` is called like Puppeteer's own, but of the web. */
function isAbort(error: Error): boolean {
  return error.name === 'AbortError' || (error.name === 'TimeoutError' && (error as { code?: unknown }).code === 23);
}
