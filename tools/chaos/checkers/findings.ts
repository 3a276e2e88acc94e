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
 * Makes a check that stays open when nothing was found and something was not judged.
 *
 * @param unjudged what was not judged, and why
 */
export function openCheckOf(
  name: string,
  findings: readonly string[],
  unjudged: readonly string[],
  detail: string,
): Check {
  const check = checkOf(name, findings, [detail, ...unjudged].join('; '));
  return check.verdict === 'wrong' || unjudged.length === 0 ? check : { ...check, verdict: 'open' };
}

/** Names delays that the machine itself explains: they accuse nobody, but leave a check of times open. */
export function excusedByMachine(count: number): string[] {
  return count === 0 ? [] : [`${String(count)} more are late by the machine's own delay`];
}

/** Writes a time of a history, such as `12.3 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
