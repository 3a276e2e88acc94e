import { createCheck, type Check } from '../../simulation/verification/check.js';

const SAMPLES_KEPT = 8;

/** Makes a check that holds when nothing was found; `detail` says what was looked at. */
export function checkOf(name: string, findings: readonly string[], detail: string): Check {
  const more = findings.length - SAMPLES_KEPT;
  return createCheck(name, findings.length === 0, {
    detail: findings.length === 0 ? detail : `${String(findings.length)} found, ${detail}`,
    samples: [...findings.slice(0, SAMPLES_KEPT), ...(more > 0 ? [`… and ${String(more)} more`] : [])],
  });
}

/** Writes a time of a history, such as `12.3 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
