import { parser } from '@prometheus-io/lezer-promql';

type Node = ReturnType<typeof parser.parse>['topNode'];

/** A use of a metric, and the labels that its expression names. */
export interface MetricUse {
  readonly metric: string;
  readonly labels: readonly string[];
  /** Labels of the aggregations around it. */
  readonly groupedBy: readonly string[];
}

/** Parses an expression by the grammar of Prometheus. @throws Error that shows where it is wrong */
export function metricUses(expression: string): MetricUse[] {
  // Grafana puts durations and quoted values in the place of its variables.
  const text = expression.replaceAll(/\$__rate_interval|\$__interval|\$__range/g, '5m');
  const uses: MetricUse[] = [];
  visit(parser.parse(text).topNode, []);
  return uses;

  function visit(node: Node, groupedBy: readonly string[]): void {
    if (node.type.isError) throw new Error(`This is no PromQL at character ${node.from}: ${text}`);
    let inner = groupedBy;
    if (node.name === 'AggregateExpr') {
      const labels = node.getChild('AggregateModifier')?.getChild('GroupingLabels');
      inner = [...groupedBy, ...textsOf(labels?.getChildren('LabelName') ?? [])];
    }
    if (node.name === 'VectorSelector') {
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      uses.push({
        metric: textsOf(node.getChildren('Identifier')).join(''),
        labels: textsOf(matchers.flatMap((matcher) => matcher.getChildren('LabelName'))),
        groupedBy: inner,
      });
    }
    for (let child = node.firstChild; child !== null; child = child.nextSibling) visit(child, inner);
  }

  function textsOf(nodes: readonly Node[]): string[] {
    return nodes.map(({ from, to }) => text.slice(from, to));
  }
}
