/** What an error of a browser driver means, in words that are the same for all drivers: the `error.type`. */

/** Those that have a word of their own; any other error is named by its class. */
export type FailureType =
  | 'not_found'
  | 'not_actionable'
  | 'timeout'
  | 'ambiguous'
  | 'invalid_selector'
  | 'target_closed'
  | 'target_crashed'
  | 'detached'
  | 'assertion_failed'
  | 'aborted'
  | (string & {});

export interface Failure {
  readonly type: FailureType;
  /** How many elements the driver says that it found. */
  readonly matches?: number;
}

/** Read of a message. A call log may be long, and comes after what matters. */
const READ = 16_384;
const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`|<[^>\n]*>/g;

/** Selenium's and the web's own names. */
const NAMES: Readonly<Record<string, FailureType>> = {
  NoSuchElementError: 'not_found',
  ElementClickInterceptedError: 'not_actionable',
  ElementNotInteractableError: 'not_actionable',
  ElementNotSelectableError: 'not_actionable',
  ElementNotVisibleError: 'not_actionable',
  InvalidElementStateError: 'not_actionable',
  MoveTargetOutOfBoundsError: 'not_actionable',
  StaleElementReferenceError: 'detached',
  DetachedShadowRootError: 'detached',
  InvalidSelectorError: 'invalid_selector',
  NoSuchWindowError: 'target_closed',
  NoSuchSessionError: 'target_closed',
  TargetCloseError: 'target_closed',
  TargetClosedError: 'target_closed',
  ScriptTimeoutError: 'timeout',
  AbortError: 'aborted',
};

/** In the first line of a message, without what is quoted in it: in this order. */
const SAID: readonly (readonly [RegExp, FailureType])[] = [
  [/strict mode violation/, 'ambiguous'],
  [/(?:page|target|tab|renderer) crashed/i, 'target_crashed'],
  [/has been closed|(?:target|session|page|browser|connection|context)(?: was)? (?:closed|disconnected)|not connected to DevTools|no such (?:window|session)|Websocket closed|ECONNREFUSED|ECONNRESET|socket hang up/i, 'target_closed'],
  [/while parsing (?:\w+ )?selector|not a valid (?:selector|XPath)|invalid selector|malformed selector|unknown engine|unexpected token|unable to (?:locate an element with the xpath|parse)|selector (?:cannot|must|should)\b/i, 'invalid_selector'],
  [/no element found|no such element|unable to locate element|failed to find element|element\(s\) not found|not found for selector/i, 'not_found'],
  [/not attached|(?:is|was|got|has been) detached|stale element|context was destroyed|handle is disposed|no longer attached/i, 'detached'],
  [/not clickable|not interactable|intercept|is not (?:visible|enabled|stable|editable)|element is not an?\b|outside of the viewport|did not find some options|not a checkbox or radio|not an? \w*element/i, 'not_actionable'],
];

/** Signs in a call log that the element was there, and only could not be acted on. */
const FOUND = /resolved to |element is not |intercepts pointer events|waiting for element to be|scrolling into view/;

/**
 * @param found whether the element was found before the error came, where the driver told it on the way; else it is
 * read from the error
 */
export function failureOf(error: unknown, found?: boolean): Failure {
  const { name, message } = textsOf(error);
  const end = message.indexOf('\n');
  const line = end < 0 ? message : message.slice(0, end);
  const head = line.replace(QUOTED, '_');
  if (/strict mode violation/.test(head)) {
    const matches = Number(/resolved to (\d+) elements/.exec(line)?.[1]);
    return matches > 0 ? { type: 'ambiguous', matches } : { type: 'ambiguous' };
  }
  const known = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (known !== undefined) return { type: known };
  if (/Timeout/.test(name) || /\btimeout (?:of )?[\d.]+ ?ms exceeded|\btimed out\b|^Waiting (?:for|until) .* failed|^Waiting failed/i.test(head)) return { type: timeoutType(message, found) };
  for (const [pattern, type] of SAID) if (pattern.test(head)) return { type };
  return { type: /^[A-Za-z]\w{0,63}$/.test(name) ? name : 'error' };
}

function timeoutType(message: string, found: boolean | undefined): FailureType {
  if (found !== undefined) return found ? 'not_actionable' : 'not_found';
  if (FOUND.test(message)) return 'not_actionable';
  // Waits for other things than elements time out too.
  return /waiting for (?:locator|selector|getBy|frameLocator|element)|Waiting for selector|waiting for (?:element|condition).*locat/i.test(message) ? 'not_found' : 'timeout';
}

/** Getters of the app's own errors may throw. */
function textsOf(error: unknown): { name: string; message: string } {
  try {
    const { name, message } = (error ?? {}) as Partial<Error>;
    return { name: typeof name === 'string' ? name : '', message: typeof message === 'string' ? message.slice(0, READ) : '' };
  } catch {
    return { name: '', message: '' };
  }
}
