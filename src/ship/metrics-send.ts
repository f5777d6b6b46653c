/** Sends metrics requests one after the other, and tells the streams what became of each. */
import { counted, log } from '../log.ts';
import type { Stop, Turn } from './road.ts';
import { setAsideLine } from './set-aside-file.ts';
import { splitMetrics } from './split.ts';
import type { Streams } from './streams.ts';

export interface MetricsSending {
  readonly turn: Turn;
  readonly streams: Pick<Streams, 'sent' | 'failed'>;
  readonly isHeld: () => boolean;
  readonly onSent: (requests: number, bytes: number) => void;
  readonly onDropped: (reason: string, count: number) => void;
  readonly directory: string;
}

/** What answers it answers everything. */
const NOTHING_TO_MEASURE = '{"resourceMetrics":[]}';

/** @param requests - what `Streams.requests` gave */
export async function sendMetrics(requests: readonly string[], sending: MetricsSending): Promise<Stop | undefined> {
  for (let i = 0; i < requests.length; i++) {
    const stop = await deliver(requests[i]!, sending);
    if (stop === undefined) {
      sending.streams.sent(i);
      continue;
    }
    // Of what may have arrived nothing is told: it is offered again as it is. The rest was never on its way.
    for (let j = stop.isUncertain ? i + 1 : i; j < requests.length; j++) sending.streams.failed(j);
    return stop;
  }
  return undefined;
}

type UncertainStop = Stop & { readonly isUncertain?: boolean };

async function deliver(request: string, sending: MetricsSending): Promise<UncertainStop | undefined> {
  const { turn, isHeld, onSent, onDropped, directory } = sending;
  if (turn.isOver()) return { kind: 'over', said: 'there was no time left' };
  if (!isHeld()) return { kind: 'lost', said: 'another process has taken over' };
  const outcome = await turn.sender.send(Buffer.from(request));
  switch (outcome.kind) {
    case 'unavailable':
      return { ...outcome, isUncertain: !outcome.certain };
    case 'misconfigured':
      return outcome;
    case 'accepted':
      if (outcome.rejected > 0) {
        log('warn', 'ship', 'partial_success_metrics', `the backend took a request but rejected ${counted(outcome.rejected, 'number')} of it: ${outcome.said}`);
        onDropped('ship_rejected', outcome.rejected);
      }
      onSent(1, request.length);
      return undefined;
  }
  const halves = splitMetrics(request);
  if (halves === undefined) {
    const probe = await turn.sender.send(Buffer.from(NOTHING_TO_MEASURE));
    if (probe.kind === 'unavailable') return probe;
    if (probe.kind !== 'accepted') return { kind: 'misconfigured', said: `${outcome.said} (to an empty request too)` };
    setAsideLine(directory, Buffer.from(request), `the backend refuses it: ${outcome.said}`);
    onDropped(outcome.kind === 'refused' ? 'ship_refused' : 'ship_too_large', 1);
    return undefined;
  }
  for (const half of halves) {
    const stop = await deliver(half, sending);
    // The other half may have been taken.
    if (stop !== undefined) return { ...stop, isUncertain: true };
  }
  return undefined;
}
