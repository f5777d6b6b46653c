/** The sending code, from the bundle that the traced processes use too: its transport is loaded only when something is sent. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Sender, SenderOptions } from '../ship/sender.ts';
import type { Shipper, ShipperOptions } from '../ship/shipper.ts';

const bundle = (): typeof import('../ship/worker.ts') => createRequire(import.meta.url)(fileURLToPath(new URL('../../ship-worker.cjs', import.meta.url))) as typeof import('../ship/worker.ts');

export function createShipper(options: ShipperOptions): Shipper {
  return new (bundle().Shipper)(options);
}

/** @throws what the settings of the transport say */
export function createSender(options: SenderOptions): Sender {
  return new (bundle().Sender)(options);
}
