import type { Check } from '../../simulation/verification/check.js';
import type { ChaosOptions } from '../options.js';
import { describeStores } from '../plan/stores.js';
import type { PlannedFault } from '../plan/fault-plan.js';

const MARKS = { right: '✓', wrong: '✗', open: '?' } as const;

/** @param isQuiet leaves out the checks that hold */
export function renderChecks(checks: readonly Check[], isQuiet = false): string {
  const shown = isQuiet ? checks.filter(({ verdict }) => verdict !== 'right') : checks;
  const lines = shown.flatMap(({ verdict, name, detail, samples }) => [
    `  ${MARKS[verdict]} ${name}: ${detail}`,
    ...(verdict === 'right' ? [] : samples.map((sample) => `      ${sample}`)),
  ]);
  const count = (verdict: Check['verdict']): number =>
    checks.filter((check) => check.verdict === verdict).length;
  const [wrong, open] = [count('wrong'), count('open')];
  const verdict = [
    wrong === 0
      ? 'every judged check holds'
      : `${String(wrong)} of ${String(checks.length)} checks do not hold`,
    ...(open === 0 ? [] : [`${String(open)} left open`]),
  ].join(', ');
  return `${[...lines, `verdict: ${verdict}`].join('\n')}\n`;
}

export function renderPlan(plan: readonly PlannedFault[]): string {
  return plan
    .map(({ round, kind, replica, startMs, durationMs }) => {
      const target = replica === undefined ? '' : ` of replica ${String(replica)}`;
      const span = `${(startMs / 1000).toFixed(1).padStart(7)} s  ${(durationMs / 1000).toFixed(1).padStart(4)} s`;
      return `${span}  round ${String(round).padStart(2)}  ${kind}${target}\n`;
    })
    .join('');
}

/** Returns the command that repeats a run. */
export function commandOf({
  seed,
  durationMs,
  only,
  stores,
  atOnce,
  replicas,
  devices,
  speed,
  calmMs,
}: ChaosOptions): string {
  const values = [
    `--seed ${toShellWord(seed)}`,
    `--minutes ${String(durationMs / 60_000)}`,
    ...(only === undefined ? [] : [`--only ${toShellWord(only)}`]),
    `--stores ${describeStores(stores)} --at-once ${String(atOnce)}`,
    `--replicas ${String(replicas)} --devices ${String(devices)} --speed ${String(speed)}`,
    `--calm ${String(calmMs / 1000)}`,
  ];
  return `npm run chaos -- ${values.join(' ')}`;
}

function toShellWord(text: string): string {
  return /^[\w.,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
