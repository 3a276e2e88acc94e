import type { BuildActivesResult } from '../../application/commands/build-actives/build-actives.command.js';
import { count } from './texts.js';

/** Longer spans are summed up only. */
const SHOWN_DAYS = 40;

/**
 * @param requested days that were asked for; fewer are built when the command is interrupted
 * @param weeks number of weeks that were united
 */
export function buildReport(
  results: readonly BuildActivesResult[],
  requested: readonly string[],
  weeks: number,
): string {
  const shown = requested.length <= SHOWN_DAYS ? results : [];
  const lines = shown.map(({ day, activeCount }) => `${day}  ${activeCount}`);
  const userDays = results.reduce((sum, { activeCount }) => sum + activeCount, 0);
  lines.push(`Built ${count(results.length, 'day')} with ${count(userDays, 'user-day')}.`);
  if (weeks > 0) lines.push(`United ${count(weeks, 'past week')}.`);
  const next = requested[results.length];
  if (next !== undefined) {
    lines.push(
      `Interrupted before ${next}; the days before it are stored. Continue with: ` +
        `npm run actives:build -- ${next} ${requested.at(-1) ?? next}`,
    );
  }
  return lines.join('\n');
}
