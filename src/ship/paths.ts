/** The names in `.spoor/ship/`. */
import { join } from 'node:path';

export type ShippedSignal = 'traces' | 'metrics';

export const shipDirectory = (directory: string): string => join(directory, 'ship');
export const statePath = (directory: string, signal: ShippedSignal): string => join(directory, 'ship', `${signal}.json`);
export const statusPath = (directory: string): string => join(directory, 'ship', 'status.json');
export const setAsidePath = (directory: string): string => join(directory, 'ship', 'set-aside.jsonl');
