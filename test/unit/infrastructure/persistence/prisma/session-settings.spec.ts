import { describe, expect, it } from '@jest/globals';
import {
  sessionSettings,
  toLateStatement,
  toStartupOptions,
  toTransactionStart,
} from '../../../../../src/infrastructure/persistence/prisma/session-settings.js';

const SETTINGS = sessionSettings('analytics', { statementTimeoutMs: 900 });

describe('the settings of a session', () => {
  it('escape spaces in the startup options', () => {
    const options = toStartupOptions(SETTINGS);
    expect(options).toContain('-c search_path=analytics -c TimeZone=UTC -c DateStyle=ISO,\\ YMD');
    expect(options).toContain('-c default_transaction_isolation=read\\ committed');
    expect(options).toContain('-c statement_timeout=900');
  });

  it('never decide over a ban on writes or over durability', () => {
    const names = SETTINGS.map(([name]) => name);
    expect(names).not.toContain('default_transaction_read_only');
    expect(names).not.toContain('synchronous_commit');
  });

  it('last for one transaction behind a pooler', () => {
    const begin = toTransactionStart(SETTINGS, 16).split('; ');
    expect(begin[0]).toBe('BEGIN ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE');
    expect(begin).toContain("SET LOCAL search_path = 'analytics'");
    expect(begin).toContain('SET LOCAL DateStyle = ISO, YMD');
    expect(begin.slice(1).every((each) => each.startsWith('SET LOCAL '))).toBe(true);
  });

  it('name the time limit of transactions to servers that know it', () => {
    expect(toLateStatement(16)).toBeNull();
    expect(toLateStatement(17)).toBe('SET transaction_timeout = 0');
    expect(toTransactionStart(SETTINGS, 16)).not.toContain('transaction_timeout');
    expect(toTransactionStart(SETTINGS, 17)).toContain("SET LOCAL transaction_timeout = '0'");
  });
});
