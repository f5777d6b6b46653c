/** The lines of an hour folded to one a service: what compaction writes. */
import { ATTR, SCOPE } from '../conventions.ts';
import { allExemplars } from './exemplars.ts';
import type { MergedMetric, MergedSeries } from './merge-points.ts';
import { Merge, type MergedResource } from './merge.ts';
import { exemplarJson, explicitPoint, histogramPoint, metricJson, numberPoint, pointHead, requestLine, scopeMetricsJson } from './otlp.ts';
import { parseRequest, type MetricsRequest } from './request.ts';

export interface Folded {
  /** Without line breaks. */
  readonly lines: readonly string[];
  /** What could not be read, byte for byte. */
  readonly corrupt: readonly Buffer[];
}

/**
 * Folds the lines of an hour into one for each service: the resource without what tells its processes apart.
 * The scope attribute `spoor.runtimes` says for each runtime whose numbers are in it how far they reach: a number
 * (its last `spoor.sequence`), or `true` when it ended in good order. Lines with anything that does not add up
 * (gauges, cumulative streams) stay as they are.
 */
export function fold(bytes: Buffer): Folded {
  const merge = new Merge({ keepResourceAttribute: isShared });
  const kept: string[] = [];
  const corrupt: Buffer[] = [];
  for (const line of linesOf(bytes)) {
    const text = line.toString('utf8');
    let request: MetricsRequest;
    try {
      request = parseRequest(text);
    } catch {
      corrupt.push(line);
      continue;
    }
    if (addsUp(request)) merge.add(request);
    else kept.push(text);
  }
  const runtimes = runtimesByResource(merge);
  const folded = merge.resources.map((resource) => resourceLine(resource, runtimes.get(resource) ?? '')).filter((line) => line !== '');
  return { lines: [...folded, ...kept], corrupt };
}

/** The lines that are not empty. */
export function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/** Whether a resource's attribute says the same for all processes of a service. */
export function isShared(key: string): boolean {
  return key !== ATTR.SERVICE_INSTANCE_ID && key !== ATTR.RUNTIME_ID && key !== ATTR.PROCESS_SPACE && !key.startsWith('process.') && !key.startsWith('thread.');
}

function addsUp(request: MetricsRequest): boolean {
  return request.resources.every(({ scopes }) => scopes.every(({ metrics }) => metrics.every(({ type, isDelta }) => type !== undefined && isDelta)));
}

function runtimesByResource(merge: Merge): Map<MergedResource, string> {
  const result = new Map<MergedResource, string>();
  for (const [id, { sequence, final, resource }] of merge.runtimes) {
    const entry = `{"key":${JSON.stringify(id)},"value":${final ? '{"boolValue":true}' : `{"intValue":${sequence}}`}}`;
    const before = result.get(resource);
    result.set(resource, before === undefined ? entry : `${before},${entry}`);
  }
  return result;
}

/** Empty when there is nothing to say. */
function resourceLine({ wireAttributes, metrics }: MergedResource, runtimes: string): string {
  const scopes = new Map<string, MergedMetric[]>();
  for (const metric of metrics) {
    const key = JSON.stringify([metric.scope.name, metric.scope.version]);
    const list = scopes.get(key);
    if (list === undefined) scopes.set(key, [metric]);
    else list.push(metric);
  }
  const parts = Array.from(scopes.values(), (list) => scopeMetricsJson(list[0]!.scope.name, list[0]!.scope.version, '', list.map(metricLine).join(',')));
  // Written also without runtimes: it is how a folded line is told from one that a process wrote.
  if (parts.length > 0 || runtimes !== '') parts.unshift(scopeMetricsJson(SCOPE.name, SCOPE.version, `{"key":"${ATTR.RUNTIMES}","value":{"kvlistValue":{"values":[${runtimes}]}}}`, ''));
  return parts.length === 0 ? '' : requestLine(JSON.stringify(wireAttributes), parts.join(','));
}

function metricLine({ name, description, unit, type, isMonotonic, series }: MergedMetric): string {
  return metricJson(name, description, unit, type as Exclude<MergedMetric['type'], 'gauge'>, series.map(pointLine).join(','), isMonotonic);
}

function pointLine(series: MergedSeries): string {
  const exemplars = allExemplars(series).map(({ timeUnixNano, asDouble, traceId, spanId }) => exemplarJson(timeUnixNano, asDouble, traceId, spanId));
  const head = pointHead(JSON.stringify(series.wireAttributes), series.start, series.end, exemplars.join(','));
  if (series.histogram !== undefined) return histogramPoint(head, series.histogram);
  return series.explicit === undefined ? numberPoint(head, series.value) : explicitPoint(head, series.explicit);
}
