/** What sends, loaded only where there is an endpoint; becomes `dist/sending.cjs`. */
export { DirectExport } from './direct/export.ts';
export { ShipThread } from './ship/thread.ts';
