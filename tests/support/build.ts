import { execFileSync } from 'node:child_process';

/** The tests run the package as a user has it: built. Set SPOOR_TEST_BUILT=1 to use the `dist/` that is there. */
export default function setup(): void {
  if (process.env.SPOOR_TEST_BUILT !== '1') execFileSync(process.execPath, ['scripts/build.js'], { stdio: 'inherit' });
}
