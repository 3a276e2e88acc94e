import type { Check } from '../../simulation/verification/check.js';
import type { CalculatedDay, History } from '../history/history.js';
import { checkOf } from './findings.js';
import { groupBy } from './group-by.js';

/** Every version of a calculated day is on Kafka with one figure, and the highest one is the stored row. */
export function checkCalculatedDays({ final: { statistics, calculated } }: History): Check[] {
  const records = groupBy(calculated, ({ day }) => day);
  const rows = new Map(statistics.map((row) => [row.day, row]));
  const days = [...new Set([...rows.keys(), ...records.keys()])].sort();
  const findings = days.flatMap((day) => findingsOf(day, rows.get(day), records.get(day) ?? []));
  const sizes = `${String(statistics.length)} days, ${String(calculated.length)} records`;
  return [checkOf('dau.calculated equals the stored version', findings, sizes)];
}

function findingsOf(
  day: string,
  row: CalculatedDay | undefined,
  records: readonly CalculatedDay[],
): string[] {
  if (row === undefined) return [`${day} is published and not stored`];
  const findings: string[] = [];
  for (let version = 1; version <= row.version; version += 1) {
    const counts = new Set(
      records.filter((each) => each.version === version).map(({ dauCount }) => dauCount),
    );
    if (counts.size === 0) findings.push(`${day} version ${String(version)} is not published`);
    if (counts.size > 1)
      findings.push(`${day} version ${String(version)} has counts ${[...counts].join(', ')}`);
    if (version === row.version && counts.size === 1 && !counts.has(row.dauCount)) {
      findings.push(
        `${day} version ${String(version)}: ${[...counts].join()} published, ${String(row.dauCount)} stored`,
      );
    }
  }
  const beyond = records.filter(({ version }) => version > row.version);
  return [
    ...findings,
    ...beyond.map(
      ({ version }) => `${day} version ${String(version)} is published, ${String(row.version)} stored`,
    ),
  ];
}
