import { describe, expect, it } from '@jest/globals';

import { USER_ERASE } from '../../../src/cli/definitions/user-erase.js';
import { erasureReport } from '../../../src/cli/support/erasure-report.js';
import { parseCommandLine } from '../../../src/cli/support/command-line.js';

describe('the arguments of user:erase', () => {
  it('name users and installs, in any number', () => {
    expect(
      parseCommandLine(USER_ERASE, ['--install', ' install-1 ', '--user=42', '--user', '43']),
    ).toMatchObject({
      given: {
        subjects: [
          { kind: 'user', id: '42' },
          { kind: 'user', id: '43' },
          { kind: 'install', id: 'install-1' },
        ],
        json: false,
      },
    });
  });

  it.each([
    [['--user=x'], /^--user must be a whole number from 1 to 9223372036854775807, not "x"/],
    [['--user=042'], /^--user must be a whole number/],
    [['--install=x'], /^--install must be the install id of one device, 8 to 128 characters, not "x"/],
    [['--install=00000000-0000-0000-0000-000000000000'], /^--install must be the install id of one device/],
    [['--json'], /^--user or --install must name whom to erase/],
  ])('are refused: %j', (argv, message) => {
    expect(() => parseCommandLine(USER_ERASE, argv)).toThrow(message);
  });
});

describe('the report of an erasure', () => {
  const result = {
    ...{ events: 1, activeDays: 2, claims: 0, messages: 3, wasInDictionary: true, wasPresent: true },
    ...{
      isInterrupted: false,
      failure: null,
      installs: ['install-1', 'install-2'],
      report: { id: '7', receipt: 'a-receipt' },
    },
  };

  it('says what was erased, what proves it and which installs are left', () => {
    expect(erasureReport('user', '42', result).split('\n')).toEqual([
      'Erased: user 42 · 1 event, the name on 2 active days, 0 claims, 3 waiting messages, the entry in the dictionary, the presence. All figures stay.',
      'Report 7, receipt a-receipt: keep the receipt, which is stored nowhere.',
      'Events without a user from the same installs are kept: install-1, install-2 (--install erases them)',
    ]);
  });

  it('says how to go on after an interruption', () => {
    const lines = erasureReport('install', 'i', { ...result, installs: [], isInterrupted: true }).split('\n');
    expect(lines[0]).toMatch(/^Interrupted: install i · /);
    expect(lines[2]).toBe('Run the same command again to erase the rest.');
  });

  it('says what a failed run has erased, and how to go on', () => {
    const failed = { ...result, installs: [], failure: new Error('gone') };
    const lines = erasureReport('user', '42', failed).split('\n');
    expect(lines[0]).toMatch(/^Failed: user 42 · 1 event, /);
    expect(lines.slice(1)).toEqual([
      'Report 7, receipt a-receipt: keep the receipt, which is stored nowhere.',
      'Run the same command again to erase the rest.',
    ]);
  });
});
