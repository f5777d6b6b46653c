/** Before the first test: the apps that tests run in are there. Asked for by several test files at once, each would be installed several times. */
import { PACKAGES, app } from './fixture.ts';

export default async function setup(): Promise<void> {
  // One that cannot be had fails the tests that need it, and no others.
  await Promise.allSettled((Object.keys(PACKAGES) as (keyof typeof PACKAGES)[]).map(app));
}
