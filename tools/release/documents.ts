const UNRELEASED = '## [Unreleased]';

/** Returns the entries under the unreleased heading of CHANGELOG.md; empty when there are none. */
export function unreleasedEntries(changelog: string): string {
  const [, after = ''] = changelog.split(`${UNRELEASED}\n`);
  const entries = after.split(/^## /m)[0]?.trim() ?? '';
  return /^- /m.test(entries) ? entries : '';
}

/** Puts a heading with version and day below the unreleased heading, which stays for what comes. */
export function releasedChangelog(changelog: string, version: string, day: string): string {
  return changelog.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## [${version}] - ${day}\n`);
}

/** Says whether docs/upgrading.md has a section for what is not released yet. */
export function hasUpgradeNotes(upgrading: string): boolean {
  const [, after = ''] = upgrading.split(/^## To the next version\n/m);
  return /^- |^\|/m.test(after.split(/^## /m)[0] ?? '');
}

/** Gives the notes for the next version the number of the release, below an empty section for what comes. */
export function releasedUpgrading(upgrading: string, version: string): string {
  return upgrading.replace(
    /^## To the next version\n/m,
    `## To the next version\n\nNothing.\n\n## To ${version}\n`,
  );
}

export function releasedChart(chart: string, version: string): string {
  return chart
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: ${version}`);
}

export function releasedPackage(manifest: string, version: string): string {
  return manifest.replace(/"version": "[^"]*"/, `"version": "${version}"`);
}

/**
 * Changes the version of the project, which package-lock.json has twice before that of any package, and that of its
 * workspaces.
 */
export function releasedLock(lock: string, version: string): string {
  let left = 2;
  return lock
    .replaceAll(/"version": "[^"]*"/g, (found) => (left-- > 0 ? `"version": "${version}"` : found))
    .replace(/("clients\/typescript": \{\s*"name": "[^"]*",\s*"version": )"[^"]*"/, `$1"${version}"`);
}
