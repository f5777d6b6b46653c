/** What `spoor ship` does. */
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { join, resolve } from 'node:path';
import { loadConfig, sayProblems } from '../config.ts';
import { counted } from '../report/words.ts';
import { Lease } from '../ship/lease.ts';
import { setEndpoints, shippedSignals } from '../ship/endpoints.ts';
import { createShipper } from './shipper.ts';
import { ownResource } from '../ship/own-resource.ts';
import { shipSettings } from '../ship/road.ts';
import { shipStatus } from '../ship/status.ts';
import { directoryId, hourFiles } from '../store/layout.ts';
import { listed } from '../store/listed.ts';
import { bytes } from './bytes.ts';
import { nothingRecorded } from './nothing.ts';
import type { ShipOptions } from './ship.ts';
import { CliError } from './terminal.ts';

/** How often, in ms, somebody else's lease is looked at. */
const LOOK_EVERY = 500;

export async function ship({ dir, watch, quiet }: ShipOptions): Promise<void> {
  const { config, problems } = loadConfig(process.env, process.cwd(), dir === undefined ? {} : { directory: resolve(dir) });
  sayProblems(problems);
  const { directory } = config;
  const say = (line: string): void => void (quiet || process.stderr.write(`spoor: ${line}\n`));
  if (config.disabled) return say('nothing is sent: OTEL_SDK_DISABLED turns everything off');
  const signals = shippedSignals(config);
  if (signals.length === 0) throw new CliError('ship: there is no backend to send to: set OTEL_EXPORTER_OTLP_ENDPOINT', 2);
  // To wait for what will be recorded is what --watch is for; else it is most likely mistyped, and would be made.
  if (!watch && !existsSync(directory)) throw new CliError(`ship: there is no directory ${directory}: is --dir, or SPOOR_DIR, right?`, 2);
  // What cannot be read would look as if there were nothing to send.
  for (const signal of ['traces', 'rollups']) listed(join(directory, signal));
  // A folder of somebody else's, most likely: it stays as it is.
  if (!watch && !isRecordedIn(directory)) return say(nothingRecorded(directory));
  setEndpoints(process.env, config);
  const lease = new Lease(directory);
  const stopped = new AbortController();
  if (watch) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());

  while (await taken(lease, { once: !watch, directory, signal: stopped.signal, say })) {
    const shipper = createShipper({ directory, lease, settings: shipSettings(config), signals, resource: ownResource() });
    if (!watch) {
      const stop = await shipper.once();
      shipper.close();
      const left = shipStatus(directory);
      say(`sent ${counted(shipper.sent('traces'), 'line')} of spans and ${counted(shipper.sent('metrics'), 'request')} of numbers from ${directory}`);
      const unsent = signals.reduce((sum, signal) => sum + left[signal].unsentBytes, 0);
      const { areNumbersSent } = shipper;
      // Else only what the sender says of itself did not get through.
      if (stop !== undefined && (unsent > 0 || !areNumbersSent || stop.kind === 'misconfigured')) {
        throw new CliError(`${unsent > 0 || areNumbersSent ? bytes(unsent) : 'numbers'} are left in ${directory}: ${stop.said}`);
      }
      return;
    }
    say(`sending what is recorded in ${directory}`);
    const ended = new Promise<boolean>((done) => stopped.signal.addEventListener('abort', () => done(true)));
    const isOver = stopped.signal.aborted || (await Promise.race([shipper.run(), ended]));
    await shipper.end(config.exitTimeout);
    // What is on its way, to a backend that hangs or asks to come again later, would hold the process up.
    if (isOver) process.exit();
  }
}

function isRecordedIn(directory: string): boolean {
  return directoryId(directory) !== undefined || (['traces', 'rollups'] as const).some((signal) => hourFiles(directory, signal).length > 0);
}

interface Waiting {
  readonly once: boolean;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Waits for the lease. False: nothing is left to be done, or it was stopped. */
async function taken(lease: Lease, { once, directory, signal, say }: Waiting): Promise<boolean> {
  for (let said = false; !signal.aborted; said = true) {
    if (take(lease, directory)) return true;
    const { holder, traces, metrics } = shipStatus(directory);
    if (!said) say(`${holder?.pid === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`} is sending from ${directory}: waiting for it`);
    if (once && traces.unsentBytes + metrics.unsentBytes === 0) return false;
    await setTimeout(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
  return false;
}

function take(lease: Lease, directory: string): boolean {
  try {
    return lease.take();
  } catch (error) {
    throw new CliError(`ship: nothing can be sent from ${directory}: who sends is noted in it, and it cannot be written (${(error as Error).message})`);
  }
}
