/**
 * The correlation id in every log record, with pino: `npm run build && node examples/pino.js`.
 * `mixin` is asked at each record, so the fields are those of the span that is active there.
 */
import pino from 'pino';
import { correlation, spawns, start } from 'spoor';

const spoor = start();
const logger = pino({ mixin: () => correlation.logFields() });

correlation.with('order-42', () =>
  spawns.run({ role: 'builder', model: 'small', task: 'say hello' }, () => logger.info('within an agent, within an order')),
);
await spoor.shutdown();
