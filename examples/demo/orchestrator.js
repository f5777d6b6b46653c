/**
 * The program that is watched. It builds something, asks git and a shell, counts words in worker threads,
 * and hands tasks to agents. What goes wrong here goes wrong for real.
 */
import { delegate } from './agents.js';
import { build } from './build-step.js';
import { runCommands } from './commands.js';
import { tryWhatCannotWork } from './failures.js';
import { countWords } from './words.js';

await build();
await runCommands();
await countWords();
await delegate();
await tryWhatCannotWork();
