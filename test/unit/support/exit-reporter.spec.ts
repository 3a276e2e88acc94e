import { spawnSync } from 'node:child_process';

import { describe, expect, it } from '@jest/globals';

/** Runs the reporter at the end of a run in which `leftOpen` was started, and returns how the run ended. */
function run(
  leftOpen: string,
  limitSeconds: number,
): { readonly status: number | null; readonly stderr: string } {
  const script = `
    import Reporter from './test/support/exit-reporter.mjs';
    ${leftOpen}
    new Reporter({}, { limitSeconds: ${limitSeconds} }).onRunComplete();`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

describe('ExitReporter', () => {
  it('fails a run that a test keeps open, and names what is open', () => {
    const { status, stderr } = run(
      `import { createServer } from 'node:net'; createServer().listen(0, '127.0.0.1');`,
      0,
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/a test left something open \(.*TCPServerWrap.*\)/);
  });

  it('lets a run end that nothing keeps open', () => {
    expect(run('', 60)).toMatchObject({ status: 0, stderr: '' });
  });
});
