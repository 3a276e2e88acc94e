import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aptGet, installPackages, type AptGet } from '../../../../tools/support/apt-packages.js';

const INSTALL = ['install', '-y', '--no-install-recommends'];

let directory: string;
let policyFile: string;
let calls: string[][];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'analytics-test-apt-'));
  policyFile = join(directory, 'policy-rc.d');
  calls = [];
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** An apt-get of a distribution that lacks some packages, and fails an installation as a whole for one of them. */
function distributionWithout(...missing: readonly string[]): AptGet {
  return (...args) => {
    calls.push([...args]);
    return args
      .filter((name) => missing.includes(name))
      .map((name) => `E: Unable to locate package ${name}`)
      .join('\n');
  };
}

const install = (packages: readonly string[], run: AptGet): string =>
  installPackages(packages, run, policyFile);

describe('installPackages', () => {
  it('installs all packages at once where the distribution has them', () => {
    expect(install(['chromium', 'kcat'], distributionWithout())).toBe('');
    expect(calls).toEqual([['update'], [...INSTALL, 'chromium', 'kcat']]);
  });

  it('installs each of the others when one package is missing, and reports that one alone', () => {
    const packages = ['redis-server', 'chromium', 'kcat'];
    expect(install(packages, distributionWithout('chromium'))).toBe('E: Unable to locate package chromium');
    expect(calls.slice(2)).toEqual(packages.map((name) => [...INSTALL, name]));
  });

  it('does not try a single package twice', () => {
    expect(install(['chromium'], distributionWithout('chromium'))).toMatch(/chromium$/);
    expect(calls).toHaveLength(2);
  });

  it('goes on after an update that failed, and reports its failure', () => {
    const run = distributionWithout('update');
    expect(install(['chromium'], run)).toBe('E: Unable to locate package update');
    expect(calls.at(-1)).toEqual([...INSTALL, 'chromium']);
  });

  it('forbids packages to start their services while it installs, and lifts the ban afterwards', () => {
    const bans: string[] = [];
    install(['redis-server'], (command = '') => {
      if (command === 'install') {
        bans.push(readFileSync(policyFile, 'utf8'));
        expect(statSync(policyFile).mode & 0o111).toBe(0o111);
      }
      return '';
    });
    expect(bans).toEqual(['#!/bin/sh\nexit 101\n']);
    expect(existsSync(policyFile)).toBe(false);
  });

  it('lifts the ban also after an error', () => {
    const fail: AptGet = (command) => {
      if (command === 'install') throw new Error('interrupted');
      return '';
    };
    expect(() => install(['kcat'], fail)).toThrow('interrupted');
    expect(existsSync(policyFile)).toBe(false);
  });

  it('keeps a policy that the machine has', () => {
    writeFileSync(policyFile, 'its own');
    install(['kcat'], distributionWithout());
    expect(readFileSync(policyFile, 'utf8')).toBe('its own');
  });
});

describe('aptGet', () => {
  const program = (script: string): AptGet => {
    writeFileSync(join(directory, 'apt-get'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return aptGet({ PATH: `${directory}:/usr/bin:/bin` });
  };

  it('asks no questions and says nothing when it succeeds', () => {
    expect(
      program('[ "$DEBIAN_FRONTEND" = noninteractive ] && [ "$*" = "install -y kcat" ]')(
        'install',
        '-y',
        'kcat',
      ),
    ).toBe('');
  });

  it('returns the end of what the program wrote when it fails', () => {
    const text = program('yes x | head -c 5000 >&2; echo "E: no network" >&2; exit 100')('update');
    expect(text).toMatch(/x\nE: no network$/);
    expect(text.length).toBeLessThanOrEqual(2000);
  });

  it('names the command when the program says nothing, and the cause when there is none', () => {
    expect(program('exit 3')('update')).toBe('apt-get update ended with 3');
    expect(aptGet({ PATH: join(directory, 'nothing') })('update')).toContain('ENOENT');
  });
});
