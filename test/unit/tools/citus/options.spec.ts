import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { parseCommandLine } from '../../../../src/cli/support/command-line.js';
import { CHECK_CITUS, RESTORE_POINT, type CheckCitusOptions } from '../../../../tools/citus/options.js';

const SCRIPT = new URL('../../../../tools/citus/local-cluster.sh', import.meta.url);

function parse(...argv: string[]): CheckCitusOptions {
  const commandLine = parseCommandLine(CHECK_CITUS, argv);
  if (commandLine.help !== null) throw new Error('The command line asks for help.');
  return commandLine.given;
}

describe('the options of check:citus', () => {
  it('lose no server by default', () => {
    expect(parse()).toMatchObject({ moves: 10, outages: [], failover: null, restore: null });
  });

  it('take a failover of any node and a restore of all', () => {
    const { failover, restore } = parse(
      '--failover=one:1,two:2',
      '--promote=promote it',
      '--return=start it',
      '--backup=copy all',
      '--restore=restore all',
      '--restored=one:21,two:22',
      '--end-restore=start all',
    );
    expect(failover).toEqual({
      node: 'one:1',
      standby: 'two:2',
      promote: 'promote it',
      comeBack: 'start it',
    });
    expect(restore).toEqual({
      backup: 'copy all',
      restore: 'restore all',
      restored: ['one:21', 'two:22'],
      end: 'start all',
    });
  });

  it.each([
    ['--stop=a', '--stop, --start'],
    ['--failover=one:1,two:2', '--failover, --promote, --return'],
    ['--restored=one:1', '--backup, --restore, --restored, --end-restore'],
  ])('%s alone is refused', (option, names) => {
    expect(() => parse(option)).toThrow(`${names} must be given together`);
  });

  it('names the restore point of the local cluster', () => {
    expect(readFileSync(SCRIPT, 'utf8')).toContain(`RESTORE_POINT=${RESTORE_POINT} `);
  });
});
