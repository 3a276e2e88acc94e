import type { Check } from '../../simulation/verification/check.js';
import type { History } from '../history/history.js';

const LOAD_PER_CPU_AT_MOST = 3;
const DELAY_AT_MOST_MS = 500;

/** The machine had time for the run; otherwise late answers and recoveries prove little, and this stays open. */
export function checkMachine({ machine }: History): Check[] {
  const load = Math.max(0, ...machine.map(({ loadPerCpu }) => loadPerCpu));
  const delayMs = Math.max(0, ...machine.map(({ longestDelayMs }) => longestDelayMs));
  const isStarved = load > LOAD_PER_CPU_AT_MOST || delayMs > DELAY_AT_MOST_MS;
  const figures = `load average up to ${load.toFixed(1)} per CPU, the tool itself delayed by up to ${String(delayMs)} ms`;
  return [
    {
      verdict: isStarved ? 'open' : 'right',
      name: 'the machine keeps up',
      detail: isStarved ? `${figures}: repeat findings about time on an idle machine` : figures,
      samples: [],
    },
  ];
}
