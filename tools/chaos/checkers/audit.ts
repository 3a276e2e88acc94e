import type { Check } from '../../simulation/verification/check.js';
import type { History } from '../history/history.js';
import { checkOf } from './findings.js';

/** `dau:audit` finds no drift. */
export function checkAudit({ final: { audit } }: History): Check[] {
  if (audit.exitCode === 0) return [checkOf('audit is clean', [], 'no drift')];
  const drifts = audit.output.split('\n').filter((line) => line.includes('drift'));
  const findings = drifts.length > 0 ? drifts.map((line) => line.trim()) : [audit.output.trim().slice(-300)];
  return [checkOf('audit is clean', findings, `exit code ${String(audit.exitCode)}`)];
}
