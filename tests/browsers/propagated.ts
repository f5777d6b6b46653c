/** Programs whose page asks its backends, and with what parents it asked. */
import { expect, test } from 'vitest';
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

/** Runs a program that has `ask(origin)`: its page asks that backend, and it resolves to how the backend was asked. */
export type RunWith = (body: string, allowed: Parameters<typeof runAsking>[2]) => Promise<Asked>;

/** What holds with every driver. */
export function testOrigins(runWith: RunWith): void {
  test('by default nothing is added to any request', async () => {
    const { result, asked } = await runWith('console.log(await ask(), await ask(process.env.OTHER));', () => undefined);
    expect(result).toMatchObject({ code: 0, stdout: 'POST POST\n', stderr: '' });
    expect(asked.map(({ headers }) => headers.traceparent)).toEqual([undefined, undefined]);
  });

  test('to an allowed origin the operation that is open on the page is the parent, across origins too; others get nothing', async () => {
    const { result, asked, all } = await runWith('console.log(await ask(), await ask(process.env.OTHER), await ask("http://[::1]:1"));', (_, other) => `${other}, http://example.invalid:*`);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    // Another origin allows no header: it would fail if the browser knew of it.
    expect(result.stdout).toMatch(/^POST POST TypeError/);
    const [own, other] = asked;
    expect(parentOf(own!)).toBeUndefined();
    const parent = all.find(({ spanId }) => spanId === parentOf(other!));
    expect(['click', 'waitForSelector']).toContain(parent?.name);
  });
}
