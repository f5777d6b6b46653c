/** Whether the backend answers, and whether its clock is ours. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Config } from '../../config.ts';
import { setEndpoints, shippedSignals } from '../../ship/endpoints.ts';
import type { ShippedSignal } from '../../ship/paths.ts';
import type { Outcome } from '../../ship/outcome.ts';
import type { Sender } from '../../ship/sender.ts';
import { createSender } from '../shipper.ts';
import type { Check } from './check.ts';

/** Requests without anything in them: every OTLP backend takes them, and they change nothing. */
const NOTHING: Readonly<Record<ShippedSignal, string>> = { traces: '{"resourceSpans":[]}', metrics: '{"resourceMetrics":[]}' };
/** Milliseconds for an answer. */
const TIMEOUT = 3_000;
/** Milliseconds by which clocks may differ: a `Date` header has whole seconds. */
const TOLERANCE = 5_000;

/** Asks each backend that something is sent to, through the transport that sends. */
export async function checkCollector(config: Config): Promise<Check[]> {
  const signals = shippedSignals(config);
  if (signals.length === 0) {
    return [{ name: 'endpoint', state: 'note', says: `no OTLP endpoint is set${config.files ? ': what is recorded stays in files' : ''}`, advice: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 sends it to a collector on this machine', facts: { configured: false } }];
  }
  setEndpoints(process.env, config);
  const checks: Check[] = [];
  for (const signal of signals) {
    const { check, clock } = await ask(signal);
    checks.push(check);
    // One clock, most often.
    if (clock !== undefined && !checks.some(({ name }) => name === clock.name)) checks.push(clock);
  }
  return checks;
}

interface Asked {
  readonly check: Check;
  readonly clock?: Check | undefined;
}

async function ask(signal: ShippedSignal): Promise<Asked> {
  const name = `collector.${signal}`;
  const what = signal === 'traces' ? 'spans' : 'numbers';
  let sender: Sender;
  try {
    sender = createSender({ signal, timeout: TIMEOUT });
  } catch (error) {
    return { check: { name, state: 'problem', says: `the endpoint for ${what} cannot be used: ${(error as Error).message}`, advice: 'see the OTEL_EXPORTER_OTLP_* variables', facts: { answers: false } } };
  }
  let date: string | undefined;
  const answered = (message: unknown): void => {
    date = (message as { readonly response: IncomingMessage }).response.headers.date;
  };
  subscribe('http.client.response.finish', answered);
  const before = Date.now();
  const outcome = await sender.send(Buffer.from(NOTHING[signal]));
  const after = Date.now();
  unsubscribe('http.client.response.finish', answered);
  const { url } = sender;
  const answers = outcome.kind === 'accepted';
  const facts = { url, answers, milliseconds: after - before, ...(!answers && { said: outcome.said }) };
  const check: Check = answers
    ? { name, state: 'ok', says: `${url} takes ${what}; it answered in ${after - before} ms`, facts }
    : { name, state: 'problem', says: `${url} does not take ${what}: ${outcome.said}`, advice: ADVICE[outcome.kind], facts };
  return { check, clock: date === undefined ? undefined : checkClock(date, before, after) };
}

const ADVICE: Readonly<Record<Exclude<Outcome['kind'], 'accepted'>, string>> = {
  unavailable: 'see that the collector runs and listens there; what is recorded is kept until it does',
  misconfigured: 'see the OTEL_EXPORTER_OTLP_* variables; what is recorded is kept until they are right',
  refused: 'is it an OTLP/HTTP endpoint (usually port 4318)?',
  too_large: 'is it an OTLP/HTTP endpoint (usually port 4318)?',
};

/** @param date - the header, which tells the second in which the answer was made */
function checkClock(date: string, before: number, after: number): Check | undefined {
  const theirs = Date.parse(date);
  if (Number.isNaN(theirs)) return undefined;
  // Positive: theirs is ahead.
  const ahead = theirs > after ? theirs - after : theirs + 1_000 < before ? theirs + 1_000 - before : 0;
  const facts = { difference_milliseconds: ahead };
  if (Math.abs(ahead) <= TOLERANCE) return { name: 'clock', state: 'ok', says: "the backend's clock is ours", facts };
  const by = `${Math.round(Math.abs(ahead) / 1000)} s`;
  return {
    name: 'clock',
    state: 'problem',
    says: `the backend's clock is ${by} ${ahead > 0 ? 'ahead of' : 'behind'} ours`,
    advice: 'set both by NTP: backends refuse numbers that are too old or of the future, and traces of several machines do not fit together',
    facts,
  };
}
