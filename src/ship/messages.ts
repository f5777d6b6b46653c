/** What the app's thread and the sending thread say to each other. */
import type { Endpoints } from './endpoints.ts';
import type { ShipSettings } from './road.ts';

export interface ShipWorkerData {
  /** The worker instrumentation leaves a worker with this mark alone. */
  readonly spoorInternal: true;
  readonly ships: true;
  readonly directory: string;
  readonly settings: ShipSettings;
  readonly endpoints: Endpoints;
  /** OTLP/JSON array: the attributes of this process's resource. */
  readonly resource: string;
  /** Int32 cells, see {@link CELL}: readable also where no event loop turns. */
  readonly cells: Int32Array;
}

/** Send what is left, until then (of the steady clock, which all threads count alike), and give back the lease. */
export interface EndMessage {
  readonly until: number;
}

export const CELL = { HOLDS: 0, ENDED: 1, COUNT: 2 } as const;
/** Of the cell `HOLDS`. */
export const HOLDS = { STARTING: 0, YES: 1, NO: 2 } as const;
