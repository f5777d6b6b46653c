/**
 * The trace goes on into the page's own requests. By a session of our own, which the app's interception of requests
 * knows nothing of, and with which the browser's cache stays on.
 */
import type { Context } from '@opentelemetry/api';
import { traceHeaders } from '../carrier.ts';
import { runtime } from '../runtime.ts';
import { addressesOf, firstSpan } from './propagation.ts';

interface Session {
  on(event: 'Fetch.requestPaused', listener: (event: Paused) => void): unknown;
  send(method: string, parameters: object): Promise<unknown>;
}

interface Paused {
  readonly requestId: string;
  readonly request: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

/**
 * From here on, as soon as the browser has heard of it.
 * @param cause the operation that is open on the page, if it is the only one
 * @param active what was active at the page's first operation
 */
export function propagate(page: object, origins: readonly string[], cause: () => Context | undefined, active: Context): void {
  const { createCDPSession } = page as { createCDPSession?(): Promise<Session> };
  if (typeof createCDPSession !== 'function') return;
  const addresses = addressesOf(origins);
  const paused = async (session: Session, { requestId, request }: Paused): Promise<void> => {
    const parent = addresses.test(request.url) ? firstSpan([cause(), active, runtime()?.rootContext]) : undefined;
    const headers = parent && Object.entries({ ...request.headers, ...traceHeaders(parent) }).map(([name, value]) => ({ name, value }));
    await session.send('Fetch.continueRequest', { requestId, ...(headers && { headers }) });
  };
  const begin = async (): Promise<void> => {
    const session = await createCDPSession.call(page);
    // The page may be gone.
    session.on('Fetch.requestPaused', (event) => void paused(session, event).catch(() => {}));
    await session.send('Fetch.enable', { patterns: origins.flatMap(patternsOf) });
  };
  begin().catch(() => {});
}

/** As the browser wants them. They may match more than is meant: each address is looked at again. */
function patternsOf(origin: string): { urlPattern: string }[] {
  const withoutPort = origin.replace(/:\*$/, '');
  return [`${origin}/*`, ...(withoutPort === origin ? [] : [`${withoutPort}/*`])].map((urlPattern) => ({ urlPattern }));
}
