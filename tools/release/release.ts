import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError, runCheck, runStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { hasUpgradeNotes, releasedChangelog, releasedChart, releasedUpgrading } from './documents.js';
import { releasedLock, releasedPackage, unreleasedEntries } from './documents.js';
import { migrationSums, RELEASED_MIGRATIONS } from './migrations.js';
import { RELEASE, type ReleaseOptions } from './release-command.js';
import { BUMPS, commitsOfNoType, isBreaking, leastBump } from './versions.js';
import { nextVersion, notesFrom, type Commit } from './versions.js';

/** The release is made of the repository of the working directory. */
const ROOT = process.cwd();
const CHART = 'deploy/helm/analytics-presence/Chart.yaml';
const SCHEMAS = ['docs/events/schemas', 'docs/events/published'] as const;
const SEPARATOR = '\u001e';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64_000_000 }).trim();
}

function demand(condition: boolean, problem: string): void {
  if (!condition) throw new CheckFailedError(problem);
}

function commitsSince(tag: string): Commit[] {
  const range = tag === '' ? 'HEAD' : `${tag}..HEAD`;
  return git('log', '--no-merges', `--format=%s%n%b${SEPARATOR}`, range)
    .split(SEPARATOR)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => ({ subject: text.split('\n')[0] ?? '', body: text }));
}

function lastTag(): string {
  const tags = git('tag', '--merged', 'HEAD', '--sort=-v:refname', '--list', 'v*');
  return tags.split('\n')[0] ?? '';
}

async function release({ bump, dryRun }: ReleaseOptions): Promise<void> {
  await runStep('the tree is clean, on main', () => {
    demand(git('status', '--porcelain') === '', 'Commit or remove what git status shows, then release.');
    demand(dryRun || git('branch', '--show-current') === 'main', 'Switch to main, then release.');
  });
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  const next = nextVersion(version, bump);
  const commits = commitsSince(lastTag());
  await runStep(`${version} becomes ${next}`, () => {
    demand(git('tag', '--list', `v${next}`) === '', `The tag v${next} exists.`);
    const least = leastBump(version, commits);
    const isEnough = BUMPS.indexOf(bump) >= BUMPS.indexOf(least);
    demand(
      isEnough,
      `The ${commits.length} commits need a ${least} version, not a ${bump} one.${explainTypes(commits)}`,
    );
  });
  await runStep('what changes is written down', () => {
    demand(unreleasedEntries(read('CHANGELOG.md')) !== '', 'CHANGELOG.md has no unreleased entry.');
    const isTold = !commits.some(isBreaking) || hasUpgradeNotes(read('docs/upgrading.md'));
    demand(isTold, 'A commit breaks something: write it into "To the next version" of docs/upgrading.md.');
  });
  const notes = notesFrom(commits);
  if (dryRun) {
    console.log(`\nAnalytics & Presence ${next}\n\n${notes}`);
    return;
  }
  await runStep('.ci/run passes', () => {
    const { status } = spawnSync('bash', ['.ci/run'], { cwd: ROOT, stdio: 'inherit' });
    demand(status === 0, 'Mend what .ci/run reports, then release.');
  });
  await runStep(`commit and tag v${next}`, () => {
    writeRelease(next);
    git('add', '--all');
    git('commit', '--quiet', '--message', `chore: release ${next}`);
    git('tag', '--annotate', `v${next}`, '--message', `Analytics & Presence ${next}\n\n${notes}`);
  });
  console.log(`Publish it: git push --follow-tags`);
}

/** Names the commits that no one can tell from features, as their history is published and stays. */
function explainTypes(commits: readonly Commit[]): string {
  const unclear = commitsOfNoType(commits);
  if (unclear.length === 0) return '';
  const subjects = unclear.map(({ subject }) => `- ${subject}`);
  return ['', 'These have no type that CONTRIBUTING.md names, so they may be features:', ...subjects].join(
    '\n',
  );
}

function writeRelease(version: string): void {
  const day = new Date().toISOString().slice(0, 10);
  const rewrite = (path: string, change: (text: string) => string): void => {
    writeFileSync(join(ROOT, path), change(read(path)));
  };
  for (const manifest of ['package.json', 'clients/typescript/package.json'])
    rewrite(manifest, (text) => releasedPackage(text, version));
  rewrite('package-lock.json', (text) => releasedLock(text, version));
  rewrite('CHANGELOG.md', (text) => releasedChangelog(text, version, day));
  rewrite('docs/upgrading.md', (text) => releasedUpgrading(text, version));
  rewrite(CHART, (text) => releasedChart(text, version));
  writeFileSync(join(ROOT, RELEASED_MIGRATIONS), `${JSON.stringify(migrationSums(ROOT), null, 2)}\n`);
  cpSync(join(ROOT, SCHEMAS[0]), join(ROOT, SCHEMAS[1]), { recursive: true });
}

const options = commandLineOf(RELEASE);
await runCheck(() => release(options));
