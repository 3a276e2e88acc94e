import { describe, expect, it } from '@jest/globals';
import {
  hasUpgradeNotes,
  releasedChangelog,
  releasedChart,
  releasedUpgrading,
  unreleasedEntries,
} from '../../../../tools/release/documents.js';
import {
  COMMIT_TYPES,
  isBreaking,
  leastBump,
  nextVersion,
  notesFrom,
} from '../../../../tools/release/versions.js';
import { readProjectFile } from '../../deployment/deployment-files.js';

const commit = (subject: string, body = '') => ({ subject, body });
const FIX = commit('fix: a lost event is stored');
const FEATURE = commit('feat(api): figures by city');
const BREAK = commit('feat!: tokens need an issuer');

describe('the version of a release', () => {
  it.each([
    ['patch', '1.2.4'],
    ['minor', '1.3.0'],
    ['major', '2.0.0'],
  ] as const)('grows by a %s step', (bump, next) => {
    expect(nextVersion('1.2.3', bump)).toBe(next);
  });

  it('is refused when it is not three numbers', () => {
    expect(() => nextVersion('1.2', 'patch')).toThrow('1.2 is not a version');
  });

  it.each([
    ['1.2.3', [FIX], 'patch'],
    ['1.2.3', [FIX, FEATURE], 'minor'],
    ['1.2.3', [FIX, FEATURE, BREAK], 'major'],
    ['0.2.3', [BREAK], 'minor'],
    ['1.2.3', [], 'patch'],
    ['1.2.3', [commit('wip: figures by city')], 'minor'],
    ['1.2.3', [commit('Figures by city')], 'minor'],
    ['1.2.3', [commit('Revert "feat: figures by city"')], 'patch'],
    ['1.2.3', COMMIT_TYPES.filter((type) => type !== 'feat').map((type) => commit(`${type}: x`)), 'patch'],
  ] as const)('of %s grows by what its commits change: %#', (version, commits, least) => {
    expect(leastBump(version, commits)).toBe(least);
  });

  it('knows the types of commits that contributors are told', () => {
    const [, line = ''] =
      /^- ((?:`\w+`(?:, |\.))+) An incompatible/m.exec(readProjectFile('CONTRIBUTING.md')) ?? [];
    expect([...line.matchAll(/\w+/g)].map(([type]) => type)).toEqual(COMMIT_TYPES);
  });

  it('breaks something when a commit says so in its subject or its body', () => {
    expect(isBreaking(commit('fix(kafka)!: another key'))).toBe(true);
    expect(isBreaking(commit('fix: another key', 'text\nBREAKING CHANGE: the key is the user'))).toBe(true);
    expect(isBreaking(commit('fix: breaking waves!'))).toBe(false);
  });
});

describe('the notes of a release', () => {
  it('group what its commits change, breaks first, and leave the rest out', () => {
    expect(notesFrom([FIX, commit('test: more'), FEATURE, BREAK])).toBe(
      [
        'What may break:\n- tokens need an issuer',
        'Features:\n- figures by city\n- tokens need an issuer',
        'Fixes:\n- a lost event is stored',
      ].join('\n\n'),
    );
  });
});

describe('the documents of a release', () => {
  const CHANGELOG =
    '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A page.\n\n## [0.1.0] - 2026-01-01\n\n- All.\n';

  it('move the unreleased entries below the version', () => {
    const released = releasedChangelog(CHANGELOG, '0.2.0', '2026-02-03');

    expect(unreleasedEntries(CHANGELOG)).toBe('### Added\n\n- A page.');
    expect(released).toContain('## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n\n### Added\n\n- A page.');
    expect(unreleasedEntries(released)).toBe('');
  });

  it('give the upgrade notes their version and leave none for what comes', () => {
    const notes = '# Upgrading\n\n## To the next version\n\n- Set `JWT_ISSUER`.\n\n## To 0.1.0\n\nNothing.\n';
    const released = releasedUpgrading(notes, '0.2.0');

    expect(hasUpgradeNotes(notes)).toBe(true);
    expect(hasUpgradeNotes(released)).toBe(false);
    expect(released).toContain('## To 0.2.0\n\n- Set `JWT_ISSUER`.');
  });

  it('give the chart the version', () => {
    const chart = releasedChart(readProjectFile('deploy/helm/analytics-presence/Chart.yaml'), '7.8.9');

    expect(chart).toMatch(/^version: 7\.8\.9$/m);
    expect(chart).toMatch(/^appVersion: 7\.8\.9$/m);
  });

  it('have the headings that a release looks for', () => {
    expect(readProjectFile('CHANGELOG.md')).toContain('## [Unreleased]\n');
    expect(readProjectFile('docs/upgrading.md')).toContain('## To the next version\n');
  });
});
