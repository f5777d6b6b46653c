/**
 * The numbers of whole hours as line protocol (without what only the traces hold: a process that still runs will
 * write it). What adds up is one point for each hour, host and series, at the beginning of the hour: whether the
 * hour still goes on, is over or is compacted, the point is the same one, with what is there by now. What does
 * not add up is never compacted, and told point by point.
 */
import { RESOURCE_TAGS, influxLines, mergedInfluxLines } from '../../exporters/influx-points.ts';
import { eachRequest } from '../report/window.ts';
import { Merge } from '../rollup/merge.ts';
import type { MetricsRequest } from '../rollup/request.ts';
import { HOUR_MS, directoryId } from '../store/layout.ts';
import { filesSince } from '../store/read.ts';
import type { RecordedRequest } from './recorded-rollups.ts';

/** Where a window begins: a part of an hour would overwrite all of it. */
export function hourOf(since: number): number {
  return Math.floor(since / HOUR_MS) * HOUR_MS;
}

/** @param request from the beginning of an hour on */
export function influxLinesOf({ since, ...read }: RecordedRequest, onLine: (line: string) => void): void {
  const id = directoryId(read.directory) ?? '';
  for (const { path, start, host } of filesSince(read, 'rollups', since)) {
    const hour = new Merge({ keepResourceAttribute: (key) => RESOURCE_TAGS.includes(key) });
    eachRequest(path, read, (request) => {
      hour.add(only(request, true));
      for (const line of influxLines(only(request, false))) onLine(line);
    });
    for (const line of mergedInfluxLines(hour.resources, start, `${id} ${host}`)) onLine(line);
  }
}

function only({ resources }: MetricsRequest, isDelta: boolean): MetricsRequest {
  return {
    resources: resources.map(({ attributes, scopes }) => ({
      attributes,
      scopes: scopes.map((scope) => ({ ...scope, metrics: scope.metrics.filter((metric) => metric.isDelta === isDelta) })),
    })),
  };
}
