/** What goes to a backend to prove who sends: a backend may quote it where it says what is wrong. */

const HEADERS = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS'];
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];
/** A shorter value is in many texts by chance; replacing it would tell what it is. */
const SHORTEST = 6;

/** A backend's words without them. */
export function withoutCredentials(text: string, env: NodeJS.ProcessEnv = process.env): string {
  const values = [...HEADERS.flatMap((name) => ofHeaders(env[name] ?? '')), ...ENDPOINTS.flatMap((name) => ofAddress(env[name] ?? ''))];
  // The longest first: one may be a part of another.
  const secrets = values.filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
  return secrets.reduce((safe, secret) => safe.replaceAll(secret, '[REDACTED]'), text);
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

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
