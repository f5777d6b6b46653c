/** Programs whose page asks its backends, and with what parents it asked. */
import { program } from '../guest/fixture.ts';
import { type RecordedSpan, type Result, runRegistered, spans, temporaryDirectory } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { type DriverName, driver } from './drivers.ts';
import { type PageRequest, pages } from './pages.ts';

interface Asked {
  readonly result: Result;
  readonly asked: PageRequest[];
  readonly all: RecordedSpan[];
}

/** Runs a program with a driver of that name; `allowed` makes the allowlist of the two origins that there are. */
export async function runAsking(name: DriverName, source: string, allowed: (origin: string, other: string) => string | undefined): Promise<Asked> {
  const { origin, otherOrigin, requests } = await pages();
  const directory = temporaryDirectory();
  const propagation = allowed(origin, otherOrigin);
  const result = await runRegistered(directory, [program(await driver(name), 'app.cjs', source)], {
    env: { PAGES: origin, OTHER: otherOrigin, ...(await chromiumEnvironment()), ...(propagation !== undefined && { SPOOR_SELECTOR_PROPAGATION: propagation }) },
  });
  return { result, asked: requests.filter(({ url }) => url.startsWith('/api/')), all: spans(directory) };
}

export const parentOf = ({ headers }: PageRequest): string | undefined => /^00-[0-9a-f]{32}-([0-9a-f]{16})-01$/.exec(String(headers.traceparent))?.[1];
