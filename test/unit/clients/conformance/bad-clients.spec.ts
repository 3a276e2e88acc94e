import { describe, expect, it } from '@jest/globals';
import { MemoryDriver } from '../../../../clients/conformance/adapter/memory-driver.js';
import { RULES } from '../../../../clients/conformance/rules.js';
import { judgeRules, runScenarios } from '../../../../clients/conformance/run-conformance.js';
import { MemoryStorage } from '../../../../clients/typescript/src/storage/memory-storage.js';
import { BAD_CLIENTS, type BadClient } from './bad-clients.js';

/** Judges a client whose records survive a crash in memory, which is faster than a file. */
async function brokenRules({ alter, afterOpen }: Pick<BadClient, 'alter' | 'afterOpen'>): Promise<string[]> {
  const results = await runScenarios(async (server) => {
    const records = new Map<string, string>();
    const change = alter?.() ?? ((options) => options);
    return new MemoryDriver(
      server,
      (options) =>
        change({ ...options, platform: { ...options.platform, storage: new MemoryStorage(records) } }),
      afterOpen,
    );
  });
  return judgeRules(results)
    .filter(({ verdict }) => verdict !== 'kept')
    .map(({ rule, findings }) => `${rule.id}: ${findings.join('; ')}`);
}

describe('the conformance kit', () => {
  it('finds nothing in the reference client', async () => {
    expect(await brokenRules({})).toEqual([]);
  });

  it.each(BAD_CLIENTS.map((client) => [client.breaks, client.mistake, client] as const))(
    'finds that %s alone is broken by a client that %s',
    async (rule, _, client) => {
      const broken = await brokenRules(client);

      expect(broken).toEqual([expect.stringMatching(new RegExp(`^${rule}: `))]);
    },
  );

  it('has a bad client for each rule', () => {
    const tried = new Set(BAD_CLIENTS.map(({ breaks }) => breaks));
    expect(RULES.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
  });
});
