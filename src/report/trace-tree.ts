/** The spans of a trace as a tree, whatever is missing or wrong in them. */
import type { TraceSpan } from './trace-spans.ts';

export interface TraceNode {
  /** Undefined: a parent that is named and was not recorded. */
  readonly span: TraceSpan | undefined;
  readonly spanId: string;
  readonly children: TraceNode[];
}

/**
 * The roots, by time. A parent that is not there stands as a node without a span, so that its children stay
 * together; spans that are each other's ancestors (corrupt data) begin at the earliest of them.
 */
export function traceTree(spans: readonly TraceSpan[]): TraceNode[] {
  const nodes = new Map<string, TraceNode>(spans.map((span) => [span.spanId, { span, spanId: span.spanId, children: [] }]));
  const roots: TraceNode[] = [];
  const missing = new Map<string, TraceNode>();
  for (const { spanId, parentSpanId } of spans) {
    const node = nodes.get(spanId)!;
    if (parentSpanId === undefined) {
      roots.push(node);
      continue;
    }
    let parent = nodes.get(parentSpanId) ?? missing.get(parentSpanId);
    if (parent === undefined) {
      parent = { span: undefined, spanId: parentSpanId, children: [] };
      missing.set(parentSpanId, parent);
      roots.push(parent);
    }
    parent.children.push(node);
  }
  return withoutCycles(spans, nodes, roots);
}

/** Adds what no root leads to, and cuts what would lead to a node twice. */
function withoutCycles(spans: readonly TraceSpan[], nodes: ReadonlyMap<string, TraceNode>, roots: TraceNode[]): TraceNode[] {
  const reached = new Set<TraceNode>();
  const reach = (root: TraceNode): void => {
    reached.add(root);
    const waiting = [root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      const fresh = node.children.filter((child) => !reached.has(child));
      node.children.splice(0, node.children.length, ...fresh);
      for (const child of fresh) {
        reached.add(child);
        waiting.push(child);
      }
    }
  };
  for (const root of roots) reach(root);
  for (const { spanId } of spans) {
    const node = nodes.get(spanId)!;
    if (reached.has(node)) continue;
    roots.push(node);
    reach(node);
  }
  return roots;
}

export interface Row {
  readonly node: TraceNode;
  readonly parent: TraceNode | undefined;
  /** Lines that lead to it: `│  ├─ `. */
  readonly branch: string;
}

/** The tree from top to bottom. Not recursive: a chain of spans may be deeper than the stack. */
export function* rows(roots: readonly TraceNode[]): Generator<Row> {
  const waiting: (Row & { readonly indent: string })[] = roots.toReversed().map((node) => ({ node, parent: undefined, branch: '', indent: '' }));
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    yield row;
    const { children } = row.node;
    for (let i = children.length - 1; i >= 0; i--) {
      const isLast = i === children.length - 1;
      waiting.push({ node: children[i]!, parent: row.node, branch: `${row.indent}${isLast ? '└─ ' : '├─ '}`, indent: `${row.indent}${isLast ? '   ' : '│  '}` });
    }
  }
}
