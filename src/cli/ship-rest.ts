/** After a run: what could not be sent while it ran is sent now, or it is said what is left. */
import { setTimeout } from 'node:timers/promises';
import { steady } from '../clock.ts';
import type { Config } from '../config.ts';
import { duration } from '../report/words.ts';
import { setEndpoints, shippedSignals } from '../ship/endpoints.ts';
import { Lease } from '../ship/lease.ts';
import { ownResource } from '../ship/own-resource.ts';
import { shipSettings } from '../ship/road.ts';
import { shipStatus } from '../ship/status.ts';
import { bytes } from './bytes.ts';
import { createShipper } from './shipper.ts';

/** How often, in ms, somebody else's sending is looked at. */
const LOOK_EVERY = 100;

/** Waits at most `config.shipWait`. Returns what is left, in words; undefined: nothing, or nothing is to be sent. */
export async function shipRest(config: Config): Promise<string | undefined> {
  try {
    return await sent(config);
  } catch (error) {
    // The run is over, and ends as its command did.
    return `not sent: ${(error as Error).message}`;
  }
}

async function sent(config: Config): Promise<string | undefined> {
  const { directory } = config;
  const signals = shippedSignals(config);
  if (config.disabled || !config.files || signals.length === 0) return undefined;
  const until = steady() + config.shipWait;
  const lease = new Lease(directory);
  let before = Infinity;
  for (;;) {
    const status = shipStatus(directory);
    const left = signals.reduce((sum, signal) => sum + status[signal].unsentBytes, 0);
    if (left === 0) return undefined;
    const trouble = signals.map((signal) => status[signal].last?.trouble).find((found) => found?.kind === 'unavailable' || found?.kind === 'misconfigured');
    // A backend that did not take it a moment ago will not take it now: the transport has tried several times. Nor will
    // what a pass of our own has left become less by another one: it could not be noted down, say.
    const isLate = steady() >= until;
    if (trouble !== undefined || left >= before || isLate) {
      const why = trouble?.said ?? (isLate ? `not all was taken within ${duration(config.shipWait / 1000)}` : undefined);
      return `${bytes(left)} not sent yet${why === undefined ? '' : ` (${why})`}: \`spoor ship\` sends it`;
    }
    if (lease.take()) {
      setEndpoints(process.env, config);
      const shipper = createShipper({ directory, lease, settings: shipSettings(config), signals, resource: ownResource() });
      await shipper.once(until - steady());
      shipper.close();
      before = left;
    } else await setTimeout(LOOK_EVERY);
  }
}
