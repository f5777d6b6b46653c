/** What `spoor init` asks on a terminal. Cancelling (Ctrl+C, Escape) ends it with nothing written. */
import { cancel, isCancel, select, text } from '@clack/prompts';
import type { Scale } from './init.ts';
import { SCALES } from './init-scales.ts';
import { CliError } from './terminal.ts';

export async function askScale(): Promise<Scale> {
  const options = (Object.keys(SCALES) as Scale[]).map((value) => ({ value, label: value, hint: SCALES[value].about }));
  return answered(await select<Scale>({ message: 'How large?', options }));
}

export async function askFolder(usual: string): Promise<string> {
  return answered(await text({ message: 'Into which folder?', defaultValue: usual, placeholder: usual }));
}

/** True: overwrite what differs. False: keep it, and write the rest. */
export async function askOverwrite(): Promise<boolean> {
  return answered(
    await select({
      message: 'What about them?',
      options: [
        { value: false, label: 'keep them', hint: 'and write what is missing' },
        { value: true, label: 'overwrite them' },
      ],
    }),
  );
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  cancel('Nothing was written.');
  throw new CliError('init: cancelled', 130);
}
