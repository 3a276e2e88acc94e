import { dump } from 'js-yaml';
import type { Alert } from './alert.js';
import { SYMPTOM_ALERTS } from './alerts.js';
import { OBJECTIVES, objectiveAlerts, recordedName, WINDOWS } from './objectives.js';

/** Every alert, in the order of the runbook. */
export const ALERTS: readonly Alert[] = [...objectiveAlerts(), ...SYMPTOM_ALERTS];

/** Returns the rules in the format of Prometheus 2.40 or later. */
export function rulesFile(): string {
  const recorded = OBJECTIVES.flatMap((objective) =>
    WINDOWS.map((window) => ({ record: recordedName(objective, window), expr: objective.badShare(window) })),
  );
  const groups = [
    { name: 'analytics-presence-objectives', rules: recorded },
    { name: 'analytics-presence-alerts', rules: ALERTS.map(ruleOf) },
  ];
  return dump({ groups }, { lineWidth: -1 });
}

function ruleOf({ name, severity, expr, holds, summary }: Alert): object {
  return {
    alert: name,
    expr,
    ...(holds !== undefined && { for: holds }),
    labels: { severity },
    annotations: { summary, runbook: `docs/runbooks.md#${name.toLowerCase()}` },
  };
}
