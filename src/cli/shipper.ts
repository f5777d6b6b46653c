/** The sending code, from the bundle that the traced processes use too: its transport is loaded only when something is sent. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Shipper, ShipperOptions } from '../ship/shipper.ts';

export function createShipper(options: ShipperOptions): Shipper {
  const bundle = createRequire(import.meta.url)(fileURLToPath(new URL('../../ship-worker.cjs', import.meta.url))) as typeof import('../ship/worker.ts');
  return new bundle.Shipper(options);
}
