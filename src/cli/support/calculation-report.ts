import type { CalculateDauResult } from '../../application/commands/calculate-dau/calculate-dau.command.js';
import { count } from './texts.js';

/** Longer spans are summed up only. */
const SHOWN_DAYS = 40;

/** @param requested days that were asked for; fewer are calculated when the command is interrupted */
export function calculationReport(
  results: readonly CalculateDauResult[],
  requested: readonly string[],
): string {
  const shown = requested.length <= SHOWN_DAYS ? results : [];
  const lines = shown.map(({ day, dauCount, version, kept }) => {
    const note = kept === true ? ', kept: its active set was dropped' : '';
    return `${day}  ${dauCount}${version > 0 ? `  (version ${version}${note})` : '  nobody was active'}`;
  });
  const kept = results.filter((result) => result.kept === true).length;
  const stored = results.filter(({ version }) => version > 0).length - kept;
  const next = requested[results.length];
  lines.push(`Calculated ${count(results.length - kept, 'day')}, ${stored} of them with actives.`);
  if (kept > 0)
    lines.push(`Kept the stored figures of ${count(kept, 'day')}: retention dropped the active sets.`);
  if (next !== undefined) {
    lines.push(
      `Interrupted before ${next}; the days before it are stored. Continue with: ` +
        `npm run dau:calculate -- ${next} ${requested.at(-1) ?? next}`,
    );
  }
  return lines.join('\n');
}
