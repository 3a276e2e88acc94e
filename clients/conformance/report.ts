import type { RuleVerdict, ScenarioResult } from './run-conformance.js';
import type { Scenario } from './scenario.js';

export function describeScenario({ name, rules }: Scenario): string {
  return `${rules.join(', ').padEnd(4)} ${name}`;
}

export function describeResult({ scenario, lacking, findings }: ScenarioResult): string {
  if (lacking !== null) return `skipped  ${scenario.name} (the client lacks ${lacking})`;
  return `${findings.length === 0 ? 'ok      ' : 'FINDINGS'} ${scenario.name}`;
}

/** Returns a line for each rule, with its findings below it. */
export function describeVerdicts(verdicts: readonly RuleVerdict[]): string {
  return verdicts
    .flatMap(({ rule, verdict, findings }) => [
      `${rule.id.padEnd(4)} ${verdict.padEnd(10)} ${rule.title}`,
      ...findings.map((text) => `     - ${text}`),
    ])
    .join('\n');
}

export function summarize(verdicts: readonly RuleVerdict[]): string {
  const count = (wanted: RuleVerdict['verdict']): number =>
    verdicts.filter(({ verdict }) => verdict === wanted).length;
  return `${count('kept')} rules kept, ${count('broken')} broken, ${count('not judged')} not judged`;
}
