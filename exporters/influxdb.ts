/**
 * Numbers to InfluxDB, for anyone's SDK, 2.x or 3.x: an ordinary metric exporter.
 *
 * @example new PeriodicExportingMetricReader({ exporter: new InfluxDBMetricExporter({ url: 'http://127.0.0.1:8086', database: 'spoor' }) })
 */
import type { ExportResult } from '@opentelemetry/core';
import type { AggregationOption, AggregationTemporality, InstrumentType, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { parseRequest } from '../src/rollup/request.ts';
import { InfluxDBClient, type InfluxDBOptions } from './influx-client.ts';
import { influxLines } from './influx-points.ts';

export { InfluxDBClient, InfluxDBError, type InfluxDBOptions } from './influx-client.ts';
export { type InfluxPoint, influxLine } from './influx-line.ts';

export interface InfluxDBExporterOptions extends InfluxDBOptions {
  /** Resource attributes that become tags. Default: `service.name`, `host.name`. */
  readonly resourceTags?: readonly string[] | undefined;
}

/** The SDK's enumerations, by number, so that its modules need not be loaded. */
const DELTA = 0 satisfies AggregationTemporality.DELTA as AggregationTemporality.DELTA;
const CUMULATIVE = 1 satisfies AggregationTemporality.CUMULATIVE as AggregationTemporality.CUMULATIVE;
const DEFAULT_AGGREGATION = 0;
const EXPONENTIAL_HISTOGRAM = 5;

/**
 * Exports deltas: points of processes of any lifetime add up with `sum()`. Exports wait for each other; a failed
 * one is told to the SDK, with the server's words.
 */
export class InfluxDBMetricExporter implements PushMetricExporter {
  readonly #client: InfluxDBClient;
  readonly #resourceTags: readonly string[] | undefined;
  #pending: Promise<unknown> = Promise.resolve();
  #isShutDown = false;

  /** @throws TypeError when the options do not fit together */
  constructor(options: InfluxDBExporterOptions) {
    this.#client = new InfluxDBClient(options);
    this.#resourceTags = options.resourceTags;
  }

  export(metrics: ResourceMetrics, resultCallback: (result: ExportResult) => void): void {
    if (this.#isShutDown) {
      resultCallback({ code: 1, error: new Error('InfluxDBMetricExporter: it has been shut down') });
      return;
    }
    // A callback that throws must not keep the next from being written.
    this.#pending = this.#pending.then(() => this.#write(metrics)).then(resultCallback).catch(() => {});
  }

  async #write(metrics: ResourceMetrics): Promise<ExportResult> {
    try {
      const { JsonMetricsSerializer } = await import('@opentelemetry/otlp-transformer');
      const request = JsonMetricsSerializer.serializeRequest(metrics);
      if (request === undefined) throw new Error('the metrics could not be serialized');
      await this.#client.write(influxLines(parseRequest(new TextDecoder().decode(request)), this.#resourceTags));
      return { code: 0 };
    } catch (error) {
      return { code: 1, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  async forceFlush(): Promise<void> {
    await this.#pending;
  }

  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    await this.#pending;
  }

  /** What goes up and down is told as it stands. */
  selectAggregationTemporality(instrumentType: InstrumentType): AggregationTemporality {
    return (instrumentType as string).endsWith('UP_DOWN_COUNTER') ? CUMULATIVE : DELTA;
  }

  selectAggregation(instrumentType: InstrumentType): AggregationOption {
    return { type: (instrumentType as string) === 'HISTOGRAM' ? EXPONENTIAL_HISTOGRAM : DEFAULT_AGGREGATION };
  }
}
