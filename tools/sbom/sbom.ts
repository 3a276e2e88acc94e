import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError, runCheck } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { SBOM, type SbomOptions } from './sbom-command.js';
import { installedOnly, sbomProblems, type LockEntry, type Sbom } from './sbom-rules.js';

const ROOT = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 120_000;

function makeSbom(): string {
  const { status, stdout, stderr, error } = spawnSync(
    'npm',
    ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'],
    {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: 64_000_000,
      shell: process.platform === 'win32',
    },
  );
  if (status === 0) return stdout;
  throw new CheckFailedError(`npm sbom failed: ${error?.message ?? stderr}`);
}

function run({ output }: SbomOptions): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  const sbom = installedOnly(JSON.parse(makeSbom()) as Sbom, packages);
  const problems = sbomProblems(sbom, packages);
  if (problems.length > 0) throw new CheckFailedError(problems.join('\n'));
  if (output !== null) writeFileSync(output, `${JSON.stringify(sbom, null, 2)}\n`);
  console.log(`SBOM: ${sbom.components?.length ?? 0} packages, each with version, package URL and SHA-512.`);
}

const options = commandLineOf(SBOM);
await runCheck(() => {
  run(options);
  return Promise.resolve();
});
