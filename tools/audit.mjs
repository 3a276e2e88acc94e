/**
 * `npm run audit`: what must hold of the packages we ship.
 *
 * - Offline, always: each comes from a registry with a checksum, and none runs a script at installation that
 *   `allowScripts` in package.json does not decide on.
 * - Where the registry answers `npm audit`: no advisory of severity high or critical against a production dependency,
 *   but those in security/advisories.json, each with a reason and a last day.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const AUDIT_TIMEOUT_MS = 60_000;
const BLOCKING = new Set(['high', 'critical']);

const readJson = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

function lockProblems(lock, allowScripts) {
  const problems = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.link) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (!/^sha512-/.test(entry.integrity ?? ''))
      problems.push(`${path} has no sha512 checksum in package-lock.json`);
    // By .npmrc what comes from a registry has no address in the lock file: one that is there is another's.
    if (entry.resolved !== undefined) problems.push(`${path} does not come from a registry`);
    if (entry.hasInstallScript && !(name in allowScripts)) {
      problems.push(`${name} runs a script at installation: decide on it in "allowScripts" of package.json`);
    }
  }
  return problems;
}

/** @returns the problems, or null when the registry does not answer */
function advisoryProblems(exceptions, today) {
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
const problems = lockProblems(readJson('../package-lock.json'), allowScripts);
const advisories = advisoryProblems(exceptions, today);
if (advisories === null)
  console.log('The registry does not answer npm audit: advisories were not asked for.');
problems.push(...(advisories ?? []));
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log('Packages: nothing to object to.');
process.exitCode = problems.length === 0 ? 0 : 1;
