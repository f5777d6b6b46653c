/**
 * The sending thread, beside the app: it takes the lease, sends while it holds it, and tries again when it was
 * lost. The app's side unrefs it; it ends with the process. (An unref'd `parentPort` here would end it too early.)
 */
import { setPriority } from 'node:os';
import { setTimeout as setTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { steady } from '../clock.ts';
import { log } from '../log.ts';
import type { KeyValue } from '../rollup/request.ts';
import { shippedSignals } from './endpoints.ts';
import { Lease, LEASE_BEAT } from './lease.ts';
import { CELL, type EndMessage, HOLDS, type ShipWorkerData } from './messages.ts';
import { Sender } from './sender.ts';
import { Shipper } from './shipper.ts';

export { Sender, Shipper };

/** Milliseconds. */
const STEP_BACK_AFTER = 2_000;
const NICE = 5;

const data = workerData as Partial<ShipWorkerData> | null;
if (data?.ships) work(data as ShipWorkerData);

function work({ directory, settings, endpoints, resource, cells }: ShipWorkerData): void {
  const lease = new Lease(directory);
  let shipper: Shipper | undefined;
  let ending = false;

  const take = (): boolean => {
    try {
      if (!lease.take()) return false;
      shipper = new Shipper({ directory, lease, settings, signals: shippedSignals(endpoints), resource: JSON.parse(resource) as KeyValue[] });
      return true;
    } catch (error) {
      log('warn', 'ship', 'cannot_ship', `nothing is sent from ${directory}: ${(error as Error).message}; what is recorded is kept`);
      lease.release();
      return false;
    }
  };
  const run = async (): Promise<void> => {
    while (!ending) {
      const holds = take();
      Atomics.store(cells, CELL.HOLDS, holds ? HOLDS.YES : HOLDS.NO);
      if (holds) await shipper!.run();
      if (!ending) await setTimeout(LEASE_BEAT);
    }
  };

  parentPort?.on('message', ({ until }: EndMessage) => {
    ending = true;
    const left = until - steady();
    void (lease.held && shipper ? shipper.end(left) : Promise.resolve()).finally(() => {
      Atomics.store(cells, CELL.ENDED, 1);
      Atomics.notify(cells, CELL.ENDED);
      parentPort?.postMessage('ended');
    });
  });
  void run();
  if (process.platform === 'linux') setTimer(stepBack, STEP_BACK_AFTER).unref();
}

/**
 * From then on the app goes first where the processors are busy. On Linux a priority is a thread's, and 0 the thread
 * that asks. Not at once: the end of a short process waits for us.
 */
function stepBack(): void {
  try {
    setPriority(0, NICE);
  } catch {
    // Not allowed here: then we are as important as the app.
  }
}
