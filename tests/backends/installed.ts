/** Where the real backends are, see scripts/backends.js. */
import * as script from '../../scripts/backends.js';

export type Binary = 'otelcol-spoor' | 'jaeger' | 'prometheus' | 'promtool' | 'alertmanager' | 'amtool' | 'influxd';

export const backends = script.backends as (say: (line: string) => void) => Promise<Readonly<Record<Binary, string>>>;

let paths: Promise<Readonly<Record<Binary, string>>> | undefined;

export async function binary(name: Binary): Promise<string> {
  paths ??= backends(() => {});
  return (await paths)[name];
}
