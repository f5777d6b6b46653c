/** The numbers of anyone's SDK as OTLP/JSON lines under `rollups/`, beside those of spoor's own rollup. */
import type { ExportResult } from '@opentelemetry/core';
import type { AggregationOption, AggregationTemporality, InstrumentType, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { Appender } from '../src/store/append.ts';
import { directoryOfExporter } from '../src/store/layout.ts';

export interface RollupFileExporterOptions {
  /** Directory that holds `rollups/<day>/<hour>.<host>.jsonl` (UTC); a relative one is of the working directory when this is made. Default: `SPOOR_DIR`, else `.spoor`. */
  readonly directory?: string | undefined;
  /** Told which lines could not be written. Default: nothing; the SDK hears of it through the export's result. */
  readonly onDropped?: ((reason: string, count: number) => void) | undefined;
}

/** The SDK's enumerations, by number, so that its modules need not be loaded. */
const DELTA = 0 satisfies AggregationTemporality.DELTA as AggregationTemporality.DELTA;
const HISTOGRAM = 'HISTOGRAM';
const DEFAULT_AGGREGATION = 0;
const EXPONENTIAL_HISTOGRAM = 5;

/**
 * An ordinary metric exporter that appends each export as one line, for a `PeriodicExportingMetricReader` of
 * anyone's SDK. Delta temporality and exponential histograms, so that readers can merge the lines.
 *
 * @example new PeriodicExportingMetricReader({ exporter: new RollupFileExporter() })
 */
export class RollupFileExporter implements PushMetricExporter {
  readonly #appender: Appender;
  #pending: Promise<void> = Promise.resolve();
  #isShutDown = false;

  constructor({ directory, onDropped = () => {} }: RollupFileExporterOptions = {}) {
    this.#appender = new Appender({ directory: directoryOfExporter(directory), signal: 'rollups', onDropped });
  }

  export(metrics: ResourceMetrics, resultCallback: (result: ExportResult) => void): void {
    if (this.#isShutDown) {
      resultCallback({ code: 1, error: new Error('the exporter is shut down') });
      return;
    }
    // One after the other, so that a flush that waits for the last has waited for all.
    // One that throws must not keep the others from being written.
    this.#pending = this.#pending.then(() => this.#append(metrics)).then(resultCallback).catch(() => {});
  }

  async #append(metrics: ResourceMetrics): Promise<ExportResult> {
    try {
      const { JsonMetricsSerializer } = await import('@opentelemetry/otlp-transformer');
      const line = JsonMetricsSerializer.serializeRequest(metrics);
      if (line === undefined) throw new Error('the metrics could not be serialized');
      if (!this.#appender.append(new TextDecoder().decode(line))) throw new Error('the line could not be written');
      return { code: 0 };
    } catch (error) {
      return { code: 1, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  forceFlush(): Promise<void> {
    return this.#pending;
  }

  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    await this.#pending;
    this.#appender.close();
  }

  selectAggregationTemporality(): AggregationTemporality {
    return DELTA;
  }

  selectAggregation(instrumentType: InstrumentType): AggregationOption {
    return { type: (instrumentType as string) === HISTOGRAM ? EXPONENTIAL_HISTOGRAM : DEFAULT_AGGREGATION };
  }
}
