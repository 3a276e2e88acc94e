// `npm run audit` checks package-lock.json offline and, where the registry answers, the advisories against production
// dependencies. Exceptions with a reason and a last day are in security/advisories.json.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { noteSkipped } from './support/skipped.mjs';

const AUDIT_TIMEOUT_MS = 60_000;
const BLOCKING = new Set(['high', 'critical']);

const readJson = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** Locks; those of tools are installed without any script of a package. */
const LOCKS = ['../package-lock.json', '../tools/api/bruno/package-lock.json'];

/**
 * Finds packages without a checksum, from outside a registry, or with an undecided install script.
 *
 * @param allowScripts null where no script runs
 */
function findLockProblems(lock, allowScripts) {
  const problems = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    // A path outside node_modules is a workspace of this project.
    if (entry.link || !path.includes('node_modules/')) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (!/^sha512-/.test(entry.integrity ?? ''))
      problems.push(`${path} has no sha512 checksum in package-lock.json`);
    // .npmrc omits the addresses of registries from the lock file, so an address names another source.
    if (entry.resolved !== undefined) problems.push(`${path} does not come from a registry`);
    if (entry.hasInstallScript && allowScripts !== null && !(name in allowScripts)) {
      problems.push(`${name} has an install script: allow or forbid it in "allowScripts" of package.json`);
    }
  }
  return problems;
}

/** Finds advisories of severity high or critical. @returns null when the registry does not answer */
function findAdvisoryProblems(exceptions, today) {
  const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    encoding: 'utf8',
    timeout: AUDIT_TIMEOUT_MS,
    shell: process.platform === 'win32',
  });
  let report;
  try {
    report = JSON.parse(stdout);
  } catch {
    return null;
  }
  if (error || report.vulnerabilities === undefined) return null;
  const advisories = new Map();
  for (const { via } of Object.values(report.vulnerabilities)) {
    for (const each of via)
      if (typeof each === 'object') advisories.set(String(each.url ?? each.source), each);
  }
  return [...advisories].flatMap(([id, { severity, name, title }]) => {
    if (!BLOCKING.has(severity)) return [];
    const exception = exceptions.find((each) => each.advisory === id);
    if (exception === undefined) return [`${name}: ${title} (${severity}, ${id})`];
    return exception.until >= today ? [] : [`${name}: the exception for ${id} ended on ${exception.until}`];
  });
}

const { allowScripts = {} } = readJson('../package.json');
const exceptions = readJson('../security/advisories.json');
const today = new Date().toISOString().slice(0, 10);
const problems = LOCKS.flatMap((path, index) =>
  findLockProblems(readJson(path), index === 0 ? allowScripts : null),
);
const advisories = findAdvisoryProblems(exceptions, today);
if (advisories === null) {
  console.log('The registry does not answer npm audit: the advisories were not checked.');
  noteSkipped('advisories of packages (the registry does not answer npm audit)');
}
problems.push(...(advisories ?? []));
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log('Packages: no problems found.');
process.exitCode = problems.length === 0 ? 0 : 1;
