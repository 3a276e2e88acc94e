import { code, table } from '../docs/markdown.js';
import type { Alert } from './alert.js';
import { OBJECTIVES } from './objectives.js';
import { ALERTS } from './rules-file.js';

/** Returns the page that says for each alert what it means, where to look and what to do. */
export function runbooksPage(): string {
  return `# Runbooks

What to do when an alert of [rules.yaml](../deploy/prometheus/rules.yaml) fires. How the rules are loaded is in
[operations.md](operations.md#alert-rules); symptoms without an alert are in [troubleshooting.md](troubleshooting.md).

## Objectives

${table(
  ['objective', 'target in 30 days', 'measured as'],
  OBJECTIVES.map(({ title, target, promise, series }) => [
    title,
    `${Number((target * 100).toFixed(2))} % ${promise}`,
    code(`analytics:${series}:ratio_*`),
  ]),
)}

An alert of an objective compares a long window with a short one: it fires while the budget burns, and ends soon after the repair.

## Alerts

${table(
  ['alert', 'severity', 'after'],
  ALERTS.map(({ name, severity, holds }) => [
    `[${name}](#${name.toLowerCase()})`,
    severity,
    holds ?? 'at once',
  ]),
)}

\`page\` wakes somebody, \`ticket\` waits for working hours.

${ALERTS.map(section).join('\n\n')}
`;
}

function section({ name, expr, meaning, look, act }: Alert): string {
  return `### ${name}

${meaning}

\`\`\`promql
${expr}
\`\`\`

**Look at**

${numbered(look)}

**Do**

${act.map((line) => `- ${line}`).join('\n')}`;
}

function numbered(lines: readonly string[]): string {
  return lines.map((line, index) => `${index + 1}. ${line}`).join('\n');
}
