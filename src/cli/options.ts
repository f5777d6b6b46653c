/** Options that several commands have. */
import { InvalidArgumentError, Option } from 'commander';
import { parseSince, SINCE_FORMS } from '../report/since.ts';

/** Epoch milliseconds; default 24 hours ago. */
export function sinceOption(): Option {
  return new Option('--since <when>', SINCE_FORMS)
    .argParser((text) => {
      const start = parseSince(text, Date.now());
      if (start === undefined) throw new InvalidArgumentError(`It must be ${SINCE_FORMS}.`);
      return start;
    })
    .default(Date.now() - 24 * 3_600_000, '24h');
}

export function directoryOption(): Option {
  return new Option('--dir <path>', 'where the data is (default: SPOOR_DIR, else spoor.config.json, else ./.spoor)');
}

export function jsonOption(): Option {
  return new Option('--json', 'JSON, for a program');
}
