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

/**
 * Makes a check of times. A delay that the machine itself explains accuses nobody, but leaves the check open.
 *
 * @param excused how many findings the delay of the machine explains
 */
export function timedCheckOf(
  name: string,
  findings: readonly string[],
  excused: number,
  detail: string,
): Check {
  if (excused === 0) return checkOf(name, findings, detail);
  const more = `${detail}; ${String(excused)} more are late by the machine's own delay`;
  const check = checkOf(name, findings, more);
  return check.verdict === 'wrong' ? check : { ...check, verdict: 'open' };
}

/** Writes a time of a history, such as `12.3 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
