/** The SDK, loaded when the app makes spans of its own, or a standard variable asks for what only the SDK does; becomes `dist/provider.cjs`. */
export { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
