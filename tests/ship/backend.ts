/** An OTLP/HTTP backend on loopback that behaves as a test says, and keeps what it took. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { attributesOf } from '../support/program.ts';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Number of the request, from 0. */
  readonly index: number;
  /** Milliseconds, monotonic. */
  readonly at: number;
}

/** What it answers: undefined takes the request, `hang` never answers, `drop` closes the connection, `drip` answers a byte at a time and for ever. */
export type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string } | 'hang' | 'drop' | 'drip' | undefined;

export interface Backend {
  readonly url: string;
  readonly port: number;
  /** All that it was asked, also what it refused. */
  readonly asked: Asked[];
  /** Ids of the spans that it took, in order. */
  readonly spans: string[];
  /** The last value of each metric point that it took, by name and attribute values. */
  readonly values: Map<string, number>;
  /** Points whose time did not increase. */
  readonly outOfOrder: string[];
  answer: (asked: Asked) => Answer;
  /** Closes the connection in the middle of the request's body. */
  cutsRequests: boolean;
  close(): Promise<void>;
}

export async function backend(answer: Backend['answer'] = () => undefined, { port = 0 } = {}): Promise<Backend> {
  return listening(createServer(), answer, port);
}

export async function listening(server: Server, answer: Backend['answer'], port = 0, protocol = 'http'): Promise<Backend> {
  const times = new Map<string, bigint>();
  const points = new Set<string>();
  const self = { asked: [] as Asked[], spans: [] as string[], values: new Map<string, number>(), outOfOrder: [] as string[], answer, cutsRequests: false };
  const take = (body: any): void => {
    for (const { scopeSpans } of body.resourceSpans ?? []) for (const { spans } of scopeSpans) for (const { spanId } of spans) self.spans.push(spanId);
    for (const { resource, scopeMetrics } of body.resourceMetrics ?? []) {
      for (const { metrics } of scopeMetrics) {
        for (const { name, ...data } of metrics) {
          for (const point of (data.sum ?? data.gauge ?? data.exponentialHistogram ?? data.histogram).dataPoints) {
            const series = [name, ...Object.values(attributesOf(point.attributes)).map(String).sort()].join(' ');
            const key = `${series} ${JSON.stringify(resource.attributes)}`;
            const time = BigInt(point.timeUnixNano);
            // The very same point again: a request that may have arrived, and changes nothing.
            if (points.has(`${key} ${JSON.stringify(point)}`)) continue;
            points.add(`${key} ${JSON.stringify(point)}`);
            if (time <= (times.get(key) ?? -1n)) self.outOfOrder.push(`${series} ${time} after ${times.get(key)}`);
            times.set(key, time);
            self.values.set(series, Number(point.count ?? point.asDouble ?? point.asInt));
          }
        }
      }
    }
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (self.cutsRequests) request.socket.destroy();
    });
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
      const asked: Asked = { path: request.url!, headers: request.headers, text, index: self.asked.length, at: performance.now() };
      self.asked.push(asked);
      const answered = self.answer(asked);
      if (answered === 'hang') return;
      if (answered === 'drop') return void request.socket.destroy();
      if (answered === 'drip') {
        response.writeHead(503);
        const timer = setInterval(() => response.write(' '), 100);
        return void response.once('close', () => clearInterval(timer));
      }
      if (answered === undefined || answered.status === 200) take(JSON.parse(text));
      response.writeHead(answered?.status ?? 200, { 'content-type': 'application/json', ...answered?.headers }).end(answered?.body ?? '{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const listens = (server.address() as AddressInfo).port;
  return Object.assign(self, { url: `${protocol}://127.0.0.1:${listens}`, port: listens, close });
}

/** A port that nobody listens to. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
