import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MakeDriver } from './drivers/driver.js';
import { INVARIANT_RULES, judgeArrivals } from './invariants.js';
import { RULES, type Rule } from './rules.js';
import type { Scenario } from './scenario.js';
import { DELIVERY_SCENARIOS } from './scenarios/delivery-scenarios.js';
import { DEVICE_SCENARIOS } from './scenarios/device-scenarios.js';
import { FAILURE_SCENARIOS } from './scenarios/failure-scenarios.js';
import { USER_SCENARIOS } from './scenarios/user-scenarios.js';
import { Stage, type Finding } from './stage.js';

export const SCENARIOS: readonly Scenario[] = [
  ...DELIVERY_SCENARIOS,
  ...FAILURE_SCENARIOS,
  ...USER_SCENARIOS,
  ...DEVICE_SCENARIOS,
];

export interface ScenarioResult {
  readonly scenario: Scenario;
  /** Why the rules of the scenario could not be judged; null when they were. */
  readonly lacking: string | null;
  readonly findings: readonly Finding[];
}

export interface RuleVerdict {
  readonly rule: Rule;
  readonly verdict: 'kept' | 'broken' | 'not judged';
  /** Each with the scenario in which it was found. */
  readonly findings: readonly string[];
}

/** Plays the scenarios, each on a new client with an empty directory. */
export async function runScenarios(
  makeDriver: MakeDriver,
  scenarios: readonly Scenario[] = SCENARIOS,
  onResult: (result: ScenarioResult) => void = () => undefined,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
    try {
      const result = await playScenario(makeDriver, scenario, directory);
      results.push(result);
      onResult(result);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return results;
}

/** Judges each rule by all scenarios that touch it. */
export function judgeRules(results: readonly ScenarioResult[]): RuleVerdict[] {
  return RULES.map((rule) => {
    const findings = results.flatMap(({ scenario, findings: all }) =>
      all.filter((each) => each.rule === rule.id).map(({ text }) => `${scenario.name}: ${text}`),
    );
    const judging = results.filter(
      ({ scenario, lacking }) =>
        lacking === null && (scenario.rules.includes(rule.id) || INVARIANT_RULES.includes(rule.id)),
    );
    const verdict = findings.length > 0 ? 'broken' : judging.length > 0 ? 'kept' : 'not judged';
    return { rule, verdict, findings };
  });
}

async function playScenario(
  makeDriver: MakeDriver,
  scenario: Scenario,
  directory: string,
): Promise<ScenarioResult> {
  const stage = await Stage.open(makeDriver, directory);
  try {
    const needsOfRules = RULES.filter(({ id }) => scenario.rules.includes(id)).map(({ needs }) => needs);
    const lacking =
      [...needsOfRules, scenario.needs].find(
        (ability) => ability !== undefined && stage.lacks.includes(ability),
      ) ?? null;
    if (lacking !== null) return { scenario, lacking, findings: [] };
    await scenario.play(stage);
    return { scenario, lacking, findings: [...stage.findings, ...judgeArrivals(stage)] };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { scenario, lacking: null, findings: scenario.rules.map((rule) => ({ rule, text })) };
  } finally {
    await stage.close();
  }
}
