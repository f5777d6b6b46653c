/** An OTLP/HTTP collector on loopback: keeps what it is sent. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

export interface Collector {
  readonly url: string;
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: any }[];
}

/** With `silent` it takes requests and never answers; `refused`: a path that wants a token. */
export async function collector({ silent = false, refused = '' } = {}): Promise<Collector> {
  const requests: Collector['requests'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      requests.push({ path: request.url!, headers: request.headers, body: JSON.parse(text.toString()) });
      if (request.url === refused) response.writeHead(401).end('who are you?');
      else if (!silent) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export function spanNames({ requests }: Collector): string[] {
  return requests
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => body.resourceSpans)
    .flatMap((resource: any) => resource.scopeSpans)
    .flatMap((scope: any) => scope.spans.map(({ name }: any) => name))
    .sort();
}

/** Each metric as it was sent last, by name. */
export function lastMetrics({ requests }: Collector): Record<string, any> {
  const sent = requests.filter(({ path }) => path === '/v1/metrics').flatMap(({ body }) => body.resourceMetrics ?? []);
  const list = sent.flatMap((resource: any) => resource.scopeMetrics).flatMap((scope: any) => scope.metrics);
  return Object.fromEntries(list.map((metric: any) => [metric.name, metric]));
}
