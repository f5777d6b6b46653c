/** `spoor report --kind export`: what was published, and what did not land. */
import { exportReport } from '../report/export-report.ts';
import { exportCsv, exportJson, exportMarkdown, exportText } from '../report/export-report-tables.ts';
import { nothingRecorded, nothingSince } from './nothing.ts';
import type { ReportRequest, ReportView } from './report-kinds.ts';

export function exportView(request: ReportRequest): ReportView {
  const found = exportReport(request);
  const { directory, since, now } = request;
  const isEmpty = found.publishes.count === 0 && found.writes.length === 0 && found.setAside.length === 0;
  return {
    nothing: found.empty ? nothingRecorded(directory) : isEmpty ? nothingSince('Nothing was published', since, now) : undefined,
    json: () => exportJson(found, request),
    csv: () => exportCsv(found),
    markdown: () => exportMarkdown(found),
    text: (colors) => exportText(found, { directory, since, colors }),
  };
}
