import { describe, expect, it } from '@jest/globals';
import { MemoryDriver } from '../../../../clients/conformance/adapter/memory-driver.js';
import { judgeRules, runScenarios, SCENARIOS } from '../../../../clients/conformance/run-conformance.js';

describe('the reference client in the conformance kit', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'keeps the rules when %s',
    async (_, scenario) => {
      const results = await runScenarios(async (server) => new MemoryDriver(server), [scenario]);

      expect(
        judgeRules(results).flatMap(({ rule, findings }) => findings.map((text) => `${rule.id} ${text}`)),
      ).toEqual([]);
    },
  );
});
