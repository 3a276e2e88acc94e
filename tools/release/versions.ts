/** Ordered from the least to the most that may change. */
export const BUMPS = ['patch', 'minor', 'major'] as const;
export type Bump = (typeof BUMPS)[number];

export interface Commit {
  readonly subject: string;
  readonly body: string;
}

/** Types of commits that CONTRIBUTING.md names; `Revert "…"`, which git writes, counts as `revert`. */
export const COMMIT_TYPES: readonly string[] =
  'feat fix perf refactor style test docs build ci chore revert'.split(' ');

/** @throws when `version` is not three numbers */
export function nextVersion(version: string, bump: Bump): string {
  const numbers = /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number);
  if (numbers === undefined) throw new Error(`${version} is not a version such as 1.2.3`);
  const [major = 0, minor = 0, patch = 0] = numbers;
  if (bump === 'major') return `${major + 1}.0.0`;
  return bump === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

export function isBreaking({ subject, body }: Commit): boolean {
  return /^\w+(\([^)]*\))?!:/.test(subject) || /^BREAKING[ -]CHANGE:/m.test(body);
}

/** Returns the commits that may be anything, because their subjects have no known type. */
export function commitsOfNoType(commits: readonly Commit[]): Commit[] {
  return commits.filter(({ subject }) => !COMMIT_TYPES.includes(kindOf(subject)));
}

/**
 * Returns the least that the version must grow by: below 1.0.0 a break needs a new minor version only. A commit without
 * a known type may be a feature.
 */
export function leastBump(version: string, commits: readonly Commit[]): Bump {
  if (commits.some(isBreaking)) return version.startsWith('0.') ? 'minor' : 'major';
  const hasFeature = commits.some(({ subject }) => kindOf(subject) === 'feat');
  return hasFeature || commitsOfNoType(commits).length > 0 ? 'minor' : 'patch';
}

const GROUPS = [
  { title: 'Features', kind: 'feat' },
  { title: 'Fixes', kind: 'fix' },
  { title: 'Performance', kind: 'perf' },
] as const;

/** Returns the notes of a release, made from its commits; those without an effect for users are left out. */
export function notesFrom(commits: readonly Commit[]): string {
  const groups = [
    { title: 'What may break', subjects: commits.filter(isBreaking).map(({ subject }) => subject) },
    ...GROUPS.map(({ title, kind }) => ({
      title,
      subjects: commits.map(({ subject }) => subject).filter((subject) => kindOf(subject) === kind),
    })),
  ];
  return groups
    .filter(({ subjects }) => subjects.length > 0)
    .map(({ title, subjects }) => [`${title}:`, ...subjects.map((each) => `- ${textOf(each)}`)].join('\n'))
    .join('\n\n');
}

function kindOf(subject: string): string {
  if (subject.startsWith('Revert "')) return 'revert';
  return /^(\w+)(\([^)]*\))?!?:/.exec(subject)?.[1] ?? '';
}

function textOf(subject: string): string {
  return subject.replace(/^\w+(\([^)]*\))?!?: */, '');
}
