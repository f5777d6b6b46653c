/** Builds what is missing, once, and says so: the first run takes as long as that. */
import { backends } from './installed.ts';

export default async function setup(): Promise<void> {
  try {
    await backends((line) => console.error(`backends: ${line}`));
  } catch (error) {
    // One plain line is all that there is to say.
    console.error(`backends: ${(error as Error).message}`);
    process.exit(1);
  }
}
