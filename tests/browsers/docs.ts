/** The programs on a page of docs/, as a reader would write them: in a project that has spoor. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGES, program } from '../guest/fixture.ts';
import { ROOT } from '../support/program.ts';
import { type DriverName, driver } from './drivers.ts';

/** By the names that they have there. */
export function programsOf(page: string): Map<string, string> {
  return new Map([...readFileSync(join(ROOT, 'docs', page), 'utf8').matchAll(/^```js file=(\S+)\n([\s\S]*?)^```/gm)].map(([, name, text]) => [name!, text!]));
}

/** Its path, in an app with this driver and an OpenTelemetry SDK. */
export async function written(page: string, name: string, driverName: DriverName): Promise<string> {
  const file = program(await driver(driverName, PACKAGES['sdk-2'].slice(0, 3)), 'unused.cjs', '');
  mkdirSync(join(dirname(file), 'node_modules'));
  symlinkSync(ROOT, join(dirname(file), 'node_modules/spoor'));
  writeFileSync(join(dirname(file), name), programsOf(page).get(name)!);
  return join(dirname(file), name);
}
