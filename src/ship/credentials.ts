/** What goes to a backend to prove who sends: a backend may quote it where it says what is wrong. */
import { decoded, removable, withoutSecrets } from '../known-secrets.ts';

const HEADERS = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS'];
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];

/** A backend's words without them. */
export function withoutOtlpCredentials(text: string): string {
  const { env } = process;
  const values = [...HEADERS.flatMap((name) => ofHeaders(env[name] ?? '')), ...ENDPOINTS.flatMap((name) => ofAddress(env[name] ?? ''))];
  return withoutSecrets(text, removable(values));
}

/** `Bearer x` as a whole, and `x` alone. */
function ofHeaders(list: string): string[] {
  return list.split(',').flatMap((pair) => {
    const value = decoded(pair.slice(pair.indexOf('=') + 1).trim());
    return [value, value.split(' ').at(-1)!];
  });
}

function ofAddress(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { username, password, searchParams } = new URL(address);
  const [user, secret] = [decoded(username), decoded(password)];
  return [secret, ...(secret === '' ? [] : [Buffer.from(`${user}:${secret}`).toString('base64')]), ...searchParams.values()];
}
