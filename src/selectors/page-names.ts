/** The app's names of pages are metric attributes, so there may be only so many of them. */
import { selectorName } from './selector-text.ts';

const MAX_PAGES = 100;
const OTHERS = '(other)';
const known = new Set<string>();

/** As it may be recorded: redacted as the names of selectors are; above 100 different ones in this process `(other)`. */
export function pageName(name: string): string {
  const shown = selectorName(name);
  if (known.has(shown)) return shown;
  if (known.size >= MAX_PAGES) return OTHERS;
  known.add(shown);
  return shown;
}
