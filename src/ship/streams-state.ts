/** What is saved of a directory's streams: it belongs to the offsets of the lines that they were folded from. */
import type { Offers, SavedOffer } from './offers.ts';
import type { Runtimes, SavedRuntimes } from './runtimes.ts';
import type { SavedService, ServiceStreams } from './service-streams.ts';
import type { Stream } from './stream.ts';

export interface StreamsState {
  readonly services: ServiceStreams;
  readonly runtimes: Runtimes;
  readonly offers: Offers;
  /** The directory's identity. */
  readonly instance: string;
  readonly isDelta: boolean;
}

const VERSION = 1;

interface Saved {
  readonly version: number;
  readonly instance: string;
  readonly delta: boolean;
  readonly past: number;
  readonly services: readonly SavedService[];
  readonly runtimes: SavedRuntimes;
  readonly offers: readonly SavedOffer[];
}

/** Plain JSON. @param past - what was counted before is no increase */
export function saveStreams({ services, runtimes, offers, instance, isDelta }: StreamsState, past: number): unknown {
  const index = new Map<Stream, number>();
  for (const metric of services.metrics()) for (const stream of metric.all) index.set(stream, index.size);
  const saved: Saved = { version: VERSION, instance, delta: isDelta, past, services: services.save(), runtimes: runtimes.save(), offers: offers.save((stream) => index.get(stream)!) };
  return saved;
}

/** Returns what `past` was. @throws {Error} when it cannot be used */
export function restoreStreams(state: unknown, { services, runtimes, offers, instance, isDelta }: StreamsState): number {
  const saved = state as Saved;
  if (saved.version !== VERSION) throw new Error(`the state of the streams has version ${saved.version}, not ${VERSION}`);
  services.restore(saved.services);
  runtimes.restore(saved.runtimes);
  const streams = Array.from(services.metrics(), (metric) => [...metric.all]).flat();
  if (saved.instance !== instance) for (const stream of streams) stream.begin();
  else if (saved.delta !== isDelta) for (const stream of streams) stream.arrived();
  else offers.restore(saved.offers, streams);
  return saved.past;
}
