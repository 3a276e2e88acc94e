import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { SpawnedDriver } from '../../clients/conformance/drivers/spawned-driver.js';
import type { Ability } from '../../clients/conformance/protocol.js';
import { RULES } from '../../clients/conformance/rules.js';
import {
  judgeRules,
  runScenarios,
  SCENARIOS,
  type RuleVerdict,
} from '../../clients/conformance/run-conformance.js';
import type { Scenario } from '../../clients/conformance/scenario.js';

const ADAPTER = join(import.meta.dirname, '../support/fixtures/real-time-adapter.mjs');

async function judge(scenarios: readonly Scenario[], lacks: readonly string[] = []) {
  const command = [process.execPath, ADAPTER, ...lacks].map((part) => `"${part}"`).join(' ');
  const results = await runScenarios((server) => SpawnedDriver.open(command, server), scenarios);
  return { results, verdicts: judgeRules(results) };
}

function idsOf(verdicts: readonly RuleVerdict[], wanted: RuleVerdict['verdict']): string[] {
  return verdicts.filter(({ verdict }) => verdict === wanted).map(({ rule }) => rule.id);
}

describe('an adapter in another process', () => {
  it('is judged in real time, without a count of its requests', async () => {
    const leaving: Scenario = {
      name: 'the app leaves the foreground with two events',
      rules: ['R19'],
      play: async (stage) => {
        await stage.start();
        const numbers = await stage.track(2);
        await stage.background();
        stage.expectConfirmed('R19', numbers, 'in the background');
      },
    };
    const { verdicts } = await judge([leaving]);
    expect(verdicts.flatMap(({ findings }) => findings)).toEqual([]);
    // R4 compares sentAt with the clock of the kit, which is that of the machine.
    expect(idsOf(verdicts, 'kept')).toEqual(expect.arrayContaining(['R4', 'R19']));
  });

  it('breaks the rules of a scenario when it fails at a step', async () => {
    const scenario: Scenario = { name: 'a login', rules: ['R15'], play: (stage) => stage.login('1') };
    expect(idsOf((await judge([scenario])).verdicts, 'broken')).toEqual(['R15']);
  });

  it.each<Ability>(['setClock', 'setClockForward', 'maxQueuedEvents', 'dropped'])(
    'is not judged by scenarios that need %s when it lacks that',
    async (ability) => {
      const rules = RULES.filter(({ needs }) => needs === ability).map(({ id }) => id);
      const scenarios = SCENARIOS.filter(
        (scenario) => scenario.needs === ability || scenario.rules.some((rule) => rules.includes(rule)),
      );
      const { results, verdicts } = await judge(scenarios, [ability]);
      expect(results).not.toEqual([]);
      expect(results.map(({ lacking }) => lacking)).toEqual(scenarios.map(() => ability));
      expect(idsOf(verdicts, 'not judged')).toEqual(RULES.map(({ id }) => id));
    },
  );
});
