/** Traces for a person at a terminal. */
import { ATTR, HIGH_DRIFT } from '../conventions.ts';
import { aligned } from './aligned.ts';
import { rows, traceTree, type TraceNode } from './trace-tree.ts';
import type { TraceSpan } from './trace-spans.ts';
import type { Trace } from './traces.ts';
import { type Colors, clean, counted, duration, time } from './words.ts';

export function tracesText(traces: readonly Trace[], more: number, colors: Colors): string {
  const hasCorrelation = traces.some(({ correlationIds }) => correlationIds.length > 0);
  const head = ['started', 'duration', 'spans', 'failed', 'root', 'trace', ...(hasCorrelation ? ['correlation'] : [])];
  const body = traces.map((trace) => [
    time(trace.start),
    duration((trace.end - trace.start) / 1000),
    String(trace.spans.length),
    trace.failures > 0 ? colors.red(String(trace.failures)) : '–',
    clean(trace.root, 40) + open(trace, colors),
    clean(trace.traceId),
    ...(hasCorrelation ? [trace.correlationIds.map((id) => clean(id, 40)).join(', ')] : []),
  ]);
  const table = aligned(head.map((title) => colors.dim(title)), body, [false, true, true, true]);
  return more > 0 ? `${table}\n${colors.dim(`and ${counted(more, 'more trace')}: --limit, --since`)}\n` : `${table}\n`;
}

export function traceText(trace: Trace, colors: Colors): string {
  const { spans } = trace;
  const facts = [
    duration((trace.end - trace.start) / 1000),
    counted(spans.length, 'span'),
    trace.failures > 0 ? colors.red(`${trace.failures} failed`) : 'none failed',
    time(trace.start),
  ];
  const hosts = new Set(spans.map(({ resource }) => resource['host.name']));
  const body = [...rows(traceTree(spans))].map(({ node, parent, branch }) => [
    colors.dim(branch) + name(node, colors),
    node.span === undefined ? '' : length(node.span, colors),
    node.span === undefined ? '' : colors.dim(`+${duration((node.span.start - trace.start) / 1000)}`),
    node.span === undefined ? '' : details(node.span, parent?.span, hosts.size > 1, colors),
  ]);
  return `${[
    `${colors.bold(`trace ${clean(trace.traceId)}`)} · ${facts.join(' · ')}${open(trace, colors)}`,
    ...trace.correlationIds.map((id) => `correlation ${clean(id, 128)}`),
    '',
    aligned(undefined, body, [false, true, true, false]),
  ].join('\n')}\n`;
}

function open({ running, abandoned }: Trace, colors: Colors): string {
  return (running > 0 ? colors.cyan(` · ${running} running`) : '') + (abandoned > 0 ? colors.yellow(` · ${abandoned} abandoned`) : '');
}

function name({ span, spanId }: TraceNode, colors: Colors): string {
  if (span === undefined) return colors.dim(`(parent ${clean(spanId)} is not recorded here)`);
  const shown = clean(span.name);
  return span.failed ? colors.red(`✗ ${shown}`) : span.state === 'ended' ? shown : `… ${shown}`;
}

function length({ start, end, state }: TraceSpan, colors: Colors): string {
  if (end !== undefined) return duration(Math.max(0, end - start) / 1000);
  return state === 'running' ? colors.cyan('running') : colors.yellow('–');
}

function details({ attributes, resource, state }: TraceSpan, parent: TraceSpan | undefined, withHost: boolean, colors: Colors): string {
  const said = (key: string): string | undefined => (attributes[key] === undefined ? undefined : clean(String(attributes[key])));
  const exit = said(ATTR.PROCESS_EXIT_CODE);
  const error = said(ATTR.ERROR_TYPE);
  const pid = said(ATTR.PROCESS_PID);
  const isElsewhere = resource[ATTR.PROCESS_PID] !== parent?.resource[ATTR.PROCESS_PID];
  // The parts of one process share a service.instance.id; a new pid is where the trace went on in another one.
  const by = isElsewhere && pid === undefined && resource[ATTR.PROCESS_PID] !== undefined ? `in pid ${clean(String(resource[ATTR.PROCESS_PID]))}` : undefined;
  return [
    state === 'abandoned' ? colors.yellow('abandoned') : undefined,
    error === undefined ? undefined : colors.red(error),
    exit === undefined || exit === '0' ? undefined : `exit ${exit}`,
    said(ATTR.SPAWN_ROLE),
    said(ATTR.GEN_AI_REQUEST_MODEL),
    said(ATTR.SELECTOR_STRATEGY),
    said(ATTR.SELECTOR_TEXT),
    Number(attributes[ATTR.SELECTOR_DRIFT]) > HIGH_DRIFT ? colors.yellow('found, but something else') : undefined,
    pid === undefined ? by : `pid ${pid}`,
    withHost && resource['host.name'] !== undefined ? `on ${clean(String(resource['host.name']))}` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
