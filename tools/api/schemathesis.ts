import { installPythonTool } from '../support/python-tool.js';

/**
 * Returns the path of schemathesis, which is installed in an environment of its own at the first call.
 *
 * @throws CheckFailedError when there is no Python for it, or its packages cannot be fetched
 */
export function installSchemathesis(): Promise<string> {
  return installPythonTool({ name: 'schemathesis', program: 'schemathesis' });
}
