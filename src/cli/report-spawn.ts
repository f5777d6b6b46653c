/** `spoor report --kind spawn`: the processes, workers and agents. */
import { csv, markdown } from '../report/report-tables.ts';
import { reportJson, row } from '../report/report-rows.ts';
import { reportText } from '../report/report-text.ts';
import { spawnReport } from '../report/spawn-report.ts';
import { nothingRecorded, nothingSince } from './nothing.ts';
import type { ReportRequest, ReportView } from './report-kinds.ts';

export function spawnView(request: ReportRequest): ReportView {
  const found = spawnReport(request);
  const { directory, since, now } = request;
  const isEmpty = found.groups.length === 0 && found.setAside.length === 0;
  return {
    nothing: found.empty ? nothingRecorded(directory) : isEmpty ? nothingSince('Nothing was spawned', since, now) : undefined,
    json: () => reportJson(found, request),
    csv: () => csv(found.groups.map(row)),
    markdown: () => markdown(found.groups.map(row)),
    text: (colors) => reportText(found, { directory, since, colors }),
  };
}
