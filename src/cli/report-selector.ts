/** `spoor report --kind selector`: how the selectors of browser automation do. */
import { selectorCsv, selectorMarkdown } from '../report/selector-report-tables.ts';
import { selectorReport } from '../report/selector-report.ts';
import { selectorText } from '../report/selector-report-text.ts';
import { selectorJson } from '../report/selector-rows.ts';
import { nothingRecorded, nothingSince } from './nothing.ts';
import type { ReportRequest, ReportView } from './report-kinds.ts';

export function selectorView(request: ReportRequest): ReportView {
  const found = selectorReport(request);
  const { directory, since, now } = request;
  const isEmpty = found.operations === 0 && found.folded === 0 && found.setAside.length === 0;
  return {
    nothing: found.empty ? nothingRecorded(directory) : isEmpty ? nothingSince('No selector was used', since, now) : undefined,
    json: () => selectorJson(found, request),
    csv: () => selectorCsv(found),
    markdown: () => selectorMarkdown(found),
    text: (colors) => selectorText(found, { directory, since, colors }),
  };
}
