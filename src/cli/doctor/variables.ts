/** Variables that look like settings and are none: nobody reads them, so nobody else would say so. */
import { Command } from 'commander';
import { SETTINGS } from '../../config-schema.ts';
import type { Check } from './check.ts';

const NAMES: readonly string[] = Object.values(SETTINGS).map(({ variable }) => variable);
/** What spoor itself gives to children. */
const GIVEN: readonly string[] = ['SPOOR_DEPTH', 'SPOOR_EXPORT_RUN'];

export function checkVariables(env: NodeJS.ProcessEnv): Check[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith('SPOOR_') && !NAMES.includes(variable) && !GIVEN.includes(variable))
    .map((variable) => {
      const nearest = nearestTo(variable);
      return { name: 'variable', state: 'note', says: `${variable} is no setting${nearest === undefined ? '' : ` (${nearest}?)`}`, facts: { variable, nearest } };
    });
}

/** What commander would guess if settings were its commands. */
function nearestTo(variable: string): string | undefined {
  const guessing = new Command().exitOverride().configureOutput({ outputError: () => {} });
  for (const name of NAMES) guessing.command(name);
  try {
    guessing.parse([variable], { from: 'user' });
  } catch (error) {
    return /\(Did you mean (?:one of )?(.+)\?\)/.exec((error as Error).message)?.[1];
  }
  return undefined;
}
