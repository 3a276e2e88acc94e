import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../../..');

interface Outcome {
  readonly queued: number;
  readonly left: number;
  readonly isSameInstall: boolean;
  readonly sent: readonly {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }[];
}

it('serves React Native: AsyncStorage keeps the queue, bodies are plain, and nothing that its engine lacks is touched', () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--no-warnings',
      '--import',
      './tools/typescript/register-ts.mjs',
      'test/unit/clients/typescript/react-native-app.mjs',
    ],
    { cwd: ROOT, encoding: 'utf8', timeout: 60_000 },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { queued, left, isSameInstall, sent } = JSON.parse(stdout) as Outcome;
  expect({ queued, left, isSameInstall }).toEqual({ queued: 41, left: 0, isSameInstall: true });
  const names = sent.flatMap(({ body }) =>
    (JSON.parse(body) as { readonly events: readonly { readonly eventName: string }[] }).events.map(
      ({ eventName }) => eventName,
    ),
  );
  expect(names.filter((name) => name === 'page_view')).toHaveLength(40);
  expect(names.filter((name) => name === 'app_session_start')).toHaveLength(1);
  for (const { path, headers } of sent) {
    expect(path).toBe('/analytics/events');
    expect(headers).not.toHaveProperty('content-encoding');
  }
});
