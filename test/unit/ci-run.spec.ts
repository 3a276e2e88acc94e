import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
/** Programs that the script and its fakes need beside the fakes. */
const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
const COUNTS = JSON.stringify({
  suites: { passed: 1, failed: 0 },
  tests: { passed: 3, failed: 0, skipped: 1 },
});

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ci-run-'));
  mkdirSync(join(directory, '.ci'));
  copyFileSync(join(ROOT, '.ci/run'), join(directory, '.ci/run'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Runs the script with an npm that does what a line of shell says for a script, and succeeds otherwise. */
function runWith(npm: Readonly<Record<string, string>>): {
  readonly status: number | null;
  readonly table: string;
} {
  const cases = Object.entries({ test: `echo '${COUNTS}' >>"$TEST_COUNTS_FILE"`, ...npm });
  const script = `#!/bin/sh
case "$*" in
${cases.map(([name, action]) => `  *${name}) ${action} ;;`).join('\n')}
esac
`;
  const programs = join(directory, 'bin');
  mkdirSync(programs);
  writeFileSync(join(programs, 'npm'), script, { mode: 0o755 });
  const { status, stdout } = spawnSync('bash', ['.ci/run'], {
    cwd: directory,
    encoding: 'utf8',
    env: {
      PATH: [programs, dirname(process.execPath), SYSTEM_PATH].join(delimiter),
      RECORDED_INPUT_DIR: '/missing',
    },
  });
  return { status, table: stdout.slice(stdout.lastIndexOf('\n\ninstall')) };
}

const note = (...parts: readonly string[]): string =>
  parts.map((part) => `echo '${part}' >>"$STEP_SKIPPED_FILE"`).join('; ');

describe('.ci/run', () => {
  it('names in its table what a passed step has left out, once each', () => {
    const { status, table } = runWith({
      'check:chart': note('the chart (there is no Go)', 'the schemas', 'the schemas'),
    });
    expect(table).toMatch(/^chart +0 s {2}ok, skipped: the chart \(there is no Go\); the schemas$/m);
    expect(table).toMatch(/^api +0 s {2}ok$/m);
    expect(table).toMatch(/^3 passed, 0 failed$/m);
    expect(status).toBe(0);
  });

  it('names a step that did not run', () => {
    const { table } = runWith({});
    expect(table).toMatch(
      /^recorded-input +0 s {2}skipped: \/missing\/music-app-2018-11\.jsonl\.gz is missing$/m,
    );
  });

  it('tells a failure, whatever else the step has left out', () => {
    const { status, table } = runWith({ 'check:image': `${note('hadolint')}; exit 3` });
    expect(table).toMatch(/^image +0 s {2}FAILED with exit code 3$/m);
    expect(table).toMatch(/^3 passed, 1 failed$/m);
    expect(status).toBe(1);
  });
});
