// @ts-check
/** This process's environment without anything that would change what a measured program does. */
export function cleanEnvironment() {
  /** @type {Record<string, string>} */
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(OTEL_|SPOOR_|DD_|SENTRY_|npm_|TRACEPARENT$|TRACESTATE$|BAGGAGE$|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_ENV$|VITEST)/.test(name)) env[name] = value;
  }
  return env;
}
