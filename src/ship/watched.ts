/** What Node's HTTP client tells of the requests to an address: the transport does not hand it on. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Of one request, with its retries. */
export interface Watched {
  /** Tries that came to a connection: what is said of the last says nothing of the others. */
  tries: number;
  /** The last. */
  answer: Answer | undefined;
  readonly onAnswer: (answer: Answer) => void;
}

/** The last of each address. */
const watched = new Map<string, Watched>();
let watching = false;

/** Of the request that is sent next to this address, one at a time. */
export function watch(address: string, onAnswer: Watched['onAnswer']): Watched {
  if (!watching) begin();
  watching = true;
  const request: Watched = { tries: 0, answer: undefined, onAnswer };
  watched.set(address, request);
  return request;
}

function begin(): void {
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: ClientRequest };
    const count = (): void => {
      const known = watched.get(addressOf(request));
      if (known !== undefined) known.tries++;
    };
    if (request.socket?.connecting) request.socket.once('connect', count);
    else count();
  });
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const known = watched.get(addressOf(request));
    if (known === undefined) return;
    known.answer = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
    known.onAnswer(known.answer);
  });
}

function addressOf(request: ClientRequest): string {
  return `${String(request.getHeader('host'))}${request.path}`;
}
