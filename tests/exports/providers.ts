/** Servers and executables that behave as the CI providers' own, and artifacts for them. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { ReadyArtifact } from '../../src/exports/artifact.ts';
import type { WriteContext } from '../../src/exports/writer.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server on loopback that keeps what it is asked, gone when the test is over. */
export async function serve(answer: (seen: Seen, response: ServerResponse) => void): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return;
    }
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const one = { method: request.method!, path: pathname, query: searchParams, headers: request.headers, body: Buffer.concat(parts) };
    seen.push(one);
    answer(one, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** As the publish hands it to a writer; `chunks` reuses its buffer, as the contract allows. */
export function ready(name: string, bytes: Buffer | string, mediaType = 'text/plain'): ReadyArtifact {
  const content = Buffer.from(bytes);
  return {
    name, type: 'file', mediaType, metadata: {}, size: content.length, content, sha256: sha256(content),
    digest: async () => sha256(content),
    async *chunks() {
      const buffer = Buffer.alloc(65_536);
      for (let at = 0; at < content.length; at += buffer.length) {
        const length = content.copy(buffer, 0, at);
        yield buffer.subarray(0, length);
        buffer.fill(0);
      }
    },
    claim: () => undefined,
    path: async () => { throw new Error('not used here'); },
    placeIn: async () => { throw new Error('not used here'); },
  };
}

export function writeContext(more: Partial<WriteContext> = {}): WriteContext {
  return {
    signal: new AbortController().signal, runId: 'run1', correlationId: undefined,
    environment: () => ({}),
    temporaryDirectory: async () => { throw new Error('not used here'); },
    manifest: () => { throw new Error('not used here'); },
    ...more,
  };
}

/** The error that a write ends with; it must not tell what nobody may see. */
export async function failure(promise: unknown): Promise<Error & { code?: string; attempts?: number }> {
  const error = await Promise.resolve(promise).then((result) => new Error(`it succeeded: ${JSON.stringify(result)}`), (thrown: Error) => thrown);
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('secret');
  return error;
}
