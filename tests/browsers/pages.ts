/** The pages under test, served on loopback, and what was asked of the server. */
import { readFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT } from '../support/program.ts';

const FOLDER = join(ROOT, 'tests/browsers/pages');

export interface PageRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Pages {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly origin: string;
  /** The same server under another origin. */
  readonly otherOrigin: string;
  /** Everything that was asked for, in order; but for the favicon, which browsers ask for when they like. */
  readonly requests: readonly PageRequest[];
}

/**
 * Serves `tests/browsers/pages/` until the test is over. Below `/api/` it answers JSON (the method and the request's
 * headers) to every origin, as a backend would; `/api/never` is never answered, `/api/redirect?to=` leads elsewhere.
 */
export async function pages(): Promise<Pages> {
  const requests: PageRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    if (url !== '/favicon.ico') requests.push({ method, url, headers });
    const path = url.replace(/[?#].*$/, '');
    if (path === '/api/never') return;
    if (path.startsWith('/api/')) {
      // No header is allowed to a page of another origin: one that is added to its requests breaks them, as in life.
      response.setHeader('access-control-allow-origin', '*').setHeader('content-type', 'application/json');
      if (path === '/api/redirect') response.writeHead(302, { location: url.replace(/^.*\?to=/, '') });
      response.end(JSON.stringify({ method, headers }));
      return;
    }
    readFile(join(FOLDER, basename(path) || 'list.html')).then(
      (page) => response.setHeader('content-type', 'text/html; charset=utf-8').end(page),
      () => response.writeHead(404).end('not found'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, otherOrigin: `http://localhost:${port}`, requests };
}
