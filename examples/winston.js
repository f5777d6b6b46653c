/** The correlation id in every log record, with winston: `npm run build && node examples/winston.js`. */
import { correlation, spawns, start } from 'spoor';
import winston from 'winston';

const spoor = start();
const correlated = winston.format((record) => Object.assign(record, correlation.logFields()));
const logger = winston.createLogger({
  format: winston.format.combine(correlated(), winston.format.json()),
  transports: [new winston.transports.Console()],
});

correlation.with('order-42', () =>
  spawns.run({ role: 'builder', model: 'small', task: 'say hello' }, () => logger.info('within an agent, within an order')),
);
await spoor.shutdown();
