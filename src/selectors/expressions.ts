/**
 * CSS and XPath without what could be a text: structure, names and numbers stay. Drivers are given broken selectors
 * too, so whatever is not clearly one of these is taken for a text, up to where that can end. Each alternative of the
 * expressions begins at one place only, so that a hostile selector is a matter of milliseconds too.
 */
import { scrubText } from '../scrub.ts';
import { ANY, REGEX, isIdentifier, withoutIds } from './redaction.ts';
import type { SelectorSettings } from './settings.ts';

/** A string of CSS, of a driver's or of JavaScript; closed, or not. */
export const QUOTE = String.raw`(?:"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|\`[^\`]*(?:\`|$))`;

/** Attributes whose values are names that developers give; those of all others may be texts or what was typed. */
const NAMING = /^@?(?:id|class|name|type|role|for|rel|data-(?:test|cy|qa|pw|hook|automation)[\w-]*|test-?id)$/i;
/** Functions of CSS and of drivers whose arguments are selectors, names or numbers. Those of all others may be texts. */
const OF_SELECTORS = /^(?:is|not|where|has|matches|any|-webkit-any|-moz-any|nth-[a-z-]+|host|host-context|slotted|part|state|dir|lang|light|left-of|right-of|above|below|near)$/;
/** In quotes, or not; a letter may say how letters compare. */
const VALUE = /^(?:"([^"\\]*)"|'([^'\\]*)'|([^"'\s]*))\s*[is]?\s*$/;

/** An attribute and what it is compared with, up to the bracket; a comparison or a string where none can be; a comment; a function begins. */
const CSS = new RegExp(
  String.raw`\[\s*((?:[^\s[\]=~^$*!|"'\`]|\|(?!=))*)\s*([~|^$*!]?=)\s*((?:${REGEX})?(?:[^[\]\\"'\`]|\\.|\[[^\]]*(?:\]|$)|${QUOTE})*)` +
    String.raw`|([~|^$*!]?=).*|${QUOTE}[^)>+~,]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)|((?<![\w-])[\w-]+|)\(`,
  'gs',
);

/** @param isName whether an attribute's values are names */
export function cssText(selector: string, settings: SelectorSettings, isName = (attribute: string): boolean => NAMING.test(attribute)): string {
  if (settings.recordText) return withoutIds(scrubText(selector));
  let result = '';
  let from = 0;
  CSS.lastIndex = 0;
  for (let match = CSS.exec(selector); match !== null; match = CSS.exec(selector)) {
    const [whole, attribute, operator, value, stray = '', called] = match;
    result += selector.slice(from, match.index);
    from = match.index + whole.length;
    if (attribute !== undefined) {
      const [, double, single, bare] = VALUE.exec(value!) ?? [];
      result += `[${attribute}${operator}${valueText(double ?? single ?? bare, isName(attribute))}`;
    } else if (called === undefined) result += whole.startsWith('/*') ? '' : stray + ANY;
    else if (OF_SELECTORS.test(called)) result += whole;
    else {
      const end = endOfArgument(selector, from);
      result += whole + (called === '-p-xpath' ? xpathText(selector.slice(from, end), settings) : end === from ? '' : ANY);
      from = CSS.lastIndex = end;
    }
  }
  return withoutIds(result + selector.slice(from));
}

/** Strings of XPath have no escapes. One that was written as if they had goes on to the end of the comparison. */
const XPATH_QUOTE = String.raw`("[^"]*(?:"|$)|'[^']*(?:'|$))((?!\s*(?:[\]),|=!<>+*]|(?:and|or|div|mod)\b|$))[^\]),|]+)?`;
/** A string, compared with an attribute perhaps; or what is compared, without quotes and no number, path or function. */
const XPATH = new RegExp(
  String.raw`(?:(?<![\w:.@-])(@[\w:.-]+)(\s*(?:!?=|,)\s*))?${XPATH_QUOTE}|\`[^\`]*(?:\`|$)` +
    String.raw`|([!<>]?=|[<>,])\s*(?![\s@$.(*]|-?\d+(?:\.\d+)?(?![\w.])|[\w:-]+\()(?:${REGEX}[^\]"'\`,()|=<>@]*|[^\]"'\`,()|=<>@]+)`,
  'gs',
);

export function xpathText(selector: string, settings: SelectorSettings): string {
  if (settings.recordText) return withoutIds(scrubText(selector));
  return withoutIds(
    selector.replace(XPATH, (_, attribute: string | undefined, operator: string | undefined, quoted: string | undefined, more: string | undefined, compared: string | undefined) => {
      if (attribute === undefined) return (compared ?? '') + ANY;
      const [, double, single] = VALUE.exec(quoted!) ?? [];
      return attribute + operator!.trim() + valueText(more === undefined ? (double ?? single) : undefined, NAMING.test(attribute));
    }),
  );
}

/** XPath begins with a step, in parentheses perhaps. */
export function isXPath(selector: string): boolean {
  return /^\s*\(*\s*(?:\/|\.\.|\.\/)/.test(selector);
}

/** `…`: what a person's own rule has left of it. */
function valueText(value: string | undefined, isName: boolean): string {
  return value !== undefined && ((isName && isIdentifier(value)) || /^(?:\d*|true|false|mixed|\u2026)$/.test(value)) ? `"${value}"` : ANY;
}

/** Where the parenthesis is closed that was opened before `from`. */
function endOfArgument(selector: string, from: number): number {
  let depth = 1;
  let quote = '';
  for (let i = from; i < selector.length; i++) {
    const character = selector[i]!;
    if (character === '\\') i++;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return i;
  }
  return selector.length;
}
