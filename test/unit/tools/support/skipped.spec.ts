import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../../..');

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skipped-'));
  file = join(directory, 'skipped');
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function run(args: readonly string[]): ReturnType<typeof spawnSync> {
  return spawnSync(process.execPath, ['--no-warnings', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    // A directory without programs: Go may be where Node is.
    env: { PATH: directory, HOME: directory, STEP_SKIPPED_FILE: file },
  });
}

describe('what a check leaves out', () => {
  it('is noted by the check of the chart where there is no Go, which passes', () => {
    const { status, stdout } = run(['tools/run-command.mjs', 'check:chart']);
    const reason = 'there is no Go 1.24 or later';
    expect(stdout).toBe(`skipped lint and render the chart: ${reason}\n`);
    expect(readFileSync(file, 'utf8')).toBe(`lint and render the chart (${reason})\n`);
    expect(status).toBe(0);
  });

  it('is noted by the reporter of the tests for each file with tests that did not run', () => {
    const results = {
      testResults: [
        { testFilePath: join(ROOT, 'test/integration/kafka.spec.ts'), numPendingTests: 2 },
        { testFilePath: join(ROOT, 'test/unit/documents.spec.ts'), numPendingTests: 0 },
      ],
    };
    run([
      '--input-type=module',
      '--eval',
      `import Reporter from './test/support/summary-reporter.mjs';
       new Reporter().onRunComplete(new Set(), ${JSON.stringify(results)});`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe('2 of test/integration/kafka.spec.ts\n');
  });

  it('is one line, whatever a program has written', () => {
    const text = JSON.stringify('hadolint (pip ended with 1:\n  no network)\n');
    run([
      '--input-type=module',
      '--eval',
      `import { noteSkipped } from './tools/support/skipped.mjs'; noteSkipped(${text});`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe('hadolint (pip ended with 1: no network)\n');
  });
});
