/**
 * `diag` of the copies of the OpenTelemetry API in our bundles: stands there for the API's own `api/diag`. The logger
 * that an app sets is for the app's own OpenTelemetry, and may print to its output, or throw.
 */
const nothing = (): void => {};
const silent = { verbose: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, setLogger: () => false, disable: nothing, createComponentLogger: () => silent };

export const DiagAPI = { instance: (): typeof silent => silent };
