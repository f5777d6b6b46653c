/** Which of WebDriver's commands are selector operations, under the names of the methods that send them. */
import type { OperationClass } from '../selectors/selector-operation.ts';

/** As far as we use it: a command of selenium-webdriver, before and after its parameters are made plain. */
export interface Command {
  getName(): string;
  getParameter(key: string): unknown;
  setParameters(parameters: Record<string, unknown>): unknown;
}

export interface CommandOperation {
  readonly operation: string;
  readonly kind: OperationClass;
}

const METHODS: Readonly<Record<OperationClass, Readonly<Record<string, string>>>> = {
  query: {
    findElement: 'findElement',
    findElements: 'findElements',
    findElementsRelative: 'findElements',
    findChildElement: 'findElement',
    findChildElements: 'findElements',
    findElementFromShadowRoot: 'findElement',
    findElementsFromShadowRoot: 'findElements',
    getShadowRoot: 'getShadowRoot',
    getElementText: 'getText',
    getAriaRole: 'getAriaRole',
    getAccessibleName: 'getAccessibleName',
    getElementTagName: 'getTagName',
    getElementRect: 'getRect',
    getElementAttribute: 'getAttribute',
    getDomAttribute: 'getDomAttribute',
    getElementProperty: 'getProperty',
    getElementValueOfCssProperty: 'getCssValue',
    isElementSelected: 'isSelected',
    isElementEnabled: 'isEnabled',
    isElementDisplayed: 'isDisplayed',
  },
  action: {
    clickElement: 'click',
    clearElement: 'clear',
    sendKeysToElement: 'sendKeys',
    takeElementScreenshot: 'takeScreenshot',
    actions: 'actions',
  },
  wait: {},
  assertion: {},
};

const OPERATIONS = new Map<string, CommandOperation>(
  (Object.keys(METHODS) as OperationClass[]).flatMap((kind) => Object.entries(METHODS[kind]).map(([command, operation]) => [command, { operation, kind }] as const)),
);

const SUBMIT: CommandOperation = { operation: 'submit', kind: 'action' };
export const WAIT: CommandOperation = { operation: 'wait', kind: 'wait' };

/** Undefined for a command that is none. */
export function operationOf(command: Command): CommandOperation | undefined {
  const name = command.getName();
  if (name !== 'executeScript') return OPERATIONS.get(name);
  // How `WebElement.submit()` submits.
  const script = command.getParameter('script');
  return typeof script === 'string' && script.startsWith('/* submitForm */') ? SUBMIT : undefined;
}

const ENTER = /[\uE006\uE007\n]/;

/** Whether the page may be another one afterwards. What is typed is looked at for the Enter key, and not kept. */
export function mayNavigate(command: Command): boolean {
  const name = command.getName();
  if (name === 'sendKeysToElement') return ENTER.test(String(command.getParameter('text')));
  return /^(?:clickElement|actions|executeScript|executeAsyncScript|goBack|goForward|close|switchToWindow|newWindow|acceptAlert|dismissAlert)$/.test(name);
}

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const MOST_ACTIONS = 100;

/** The id of the element that a command is for, from its parameters as they are sent. */
export function elementIn(parameters: Record<string, unknown>): string | undefined {
  const own = idOf(parameters.id) ?? idOf((parameters.args as unknown[] | undefined)?.[0]);
  if (own !== undefined || !Array.isArray(parameters.actions)) return own;
  for (const { actions } of parameters.actions as { actions?: { origin?: unknown }[] }[]) {
    for (const { origin } of (actions ?? []).slice(0, MOST_ACTIONS)) {
      const id = idOf(origin);
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

function idOf(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[ELEMENT] : undefined;
  return typeof id === 'string' ? id : undefined;
}
