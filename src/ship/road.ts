/** What the roads of the two signals have in common: what they are given, and what ends a pass. */
import type { Config } from '../config.ts';
import type { Lease } from './lease.ts';
import type { Sender } from './sender.ts';

export interface ShipSettings extends Pick<Config, 'shipInterval' | 'shipRequestSize' | 'shipRate' | 'shipMaxAge' | 'shipMaxSize' | 'maxSeries'> {
  /** Milliseconds between two sends of the numbers. */
  readonly metricsInterval: number;
}

export function shipSettings(config: Config): ShipSettings {
  const { shipInterval, shipRequestSize, shipRate, shipMaxSize, maxSeries, metricInterval: metricsInterval = 10_000 } = config;
  // Not longer than their files are kept.
  const shipMaxAge = Math.min(config.shipMaxAge, config.tracesMaxAge);
  return { shipInterval, shipRequestSize, shipRate, shipMaxAge, shipMaxSize, maxSeries, metricsInterval };
}

export interface RoadOptions {
  readonly directory: string;
  readonly lease: Lease;
  readonly settings: ShipSettings;
  readonly onDropped: (reason: string, count: number) => void;
  /** Lines that the backend has taken, and the bytes of the request. */
  readonly onSent: (lines: number, bytes: number) => void;
}

/** One pass through what there is. */
export interface Turn {
  readonly sender: Sender;
  /** No request may begin any more. */
  readonly isOver: () => boolean;
  /** The last one of this holder: whatever waits for its time goes now. */
  readonly isLast: boolean;
}

/** Why a pass ended before everything was sent. */
export interface Stop {
  readonly kind: 'unavailable' | 'misconfigured' | 'over' | 'lost';
  readonly said: string;
  /** Milliseconds that the backend asked for. */
  readonly retryAfter?: number | undefined;
}

/** What waits to be sent. */
export interface Left {
  readonly bytes: number;
  /** Epoch milliseconds: since when the oldest of it waits. */
  readonly since: number | undefined;
}

export interface Road {
  left(): Left;
  /** Sends what there is. Rejects only when files cannot be read. */
  pass(turn: Turn): Promise<Stop | undefined>;
}
