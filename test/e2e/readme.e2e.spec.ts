import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { millisecondsToMidnight } from '../support/events.js';
import { request, signToken } from '../support/http.js';
import { startGuarded, temporaryDirectory, waitFor, type GuardedProcess } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { startService, type Service } from '../support/service.js';
import { jsonValuesOf, shapeOf, stepsOf, Terminal, withoutTimes } from './support/document-commands.js';

const REAPER = fileURLToPath(new URL('../support/fixtures/embedded-reaper.mjs', import.meta.url));
/** The start creates a database. */
const START_BOUND_MS = 90_000;
/** A snapshot is taken every full minute. */
const SNAPSHOT_BOUND_MS = 90_000;

jest.setTimeout(120_000);

const TOURS = [
  { document: 'README.md', steps: stepsOf('README.md', /^## Two-minute tour/) },
  { document: 'README.zh-CN.md', steps: stepsOf('README.zh-CN.md', /^## 两分钟导览/) },
];

let root: string;
let reaper: GuardedProcess;
let service: Service;

beforeAll(async () => {
  // The tour counts the users of today.
  await waitFor(() => millisecondsToMidnight() > 120_000, 130_000, {
    what: 'the day has changed in Shanghai',
  });
  root = temporaryDirectory('readme');
  reaper = await startGuarded({ command: process.execPath, args: [REAPER, root], directory: root });
  service = await startService({
    startTimeoutMs: START_BOUND_MS,
    env: {
      NODE_ENV: 'development',
      EMBEDDED_POSTGRES_DIRECTORY: join(root, 'data', 'postgres'),
      EMBEDDED_POSTGRES_PORT: '0',
    },
  });
  // Right after a start the live DAU is compared first.
  const token = signToken({ userId: '1' });
  await waitFor(
    async () => (await request(`${service.url}/analytics/dau/realtime`, { token })).status === 200,
    RECOVERY_MS,
  );
}, 300_000);

afterAll(async () => {
  await service?.stop();
  await reaper?.stop();
});

/** Opens a terminal and pastes the line with the token, as the documents ask for. */
async function openTerminal(): Promise<Terminal> {
  const [line = ''] = /^export TOKEN=\S+$/m.exec(service.output()) ?? [];
  const terminal = new Terminal(service.url, root);
  await terminal.set(line);
  return terminal;
}

describe.each(TOURS)('the tour of $document', ({ steps }) => {
  it('prints what the document shows, for each block that is pasted', async () => {
    expect(steps).toHaveLength(5);
    const terminal = await openTerminal();
    for (const [index, { commands, printed = '' }] of steps.entries()) {
      const expected = jsonValuesOf(printed);
      const isLast = index === steps.length - 1;
      if (isLast) {
        // The document asks the reader to wait for a minute.
        let values: unknown[] = [];
        await waitFor(
          async () => {
            values = jsonValuesOf(await terminal.paste(commands));
            return JSON.stringify(values).includes('"peak"');
          },
          SNAPSHOT_BOUND_MS,
          { what: 'a snapshot', intervalMs: 500 },
        );
        expect(shapeOf(values)).toBe(shapeOf(expected));
      } else expect(withoutTimes(jsonValuesOf(await terminal.paste(commands)))).toBe(withoutTimes(expected));
    }
  });
});

describe('the commands of docs/api.md', () => {
  const commands = stepsOf('docs/api.md').map(({ commands: block }) => ({
    route: /127\.0\.0\.1:3001([\w/-]+)/.exec(block)?.[1],
    block,
  }));

  it('are found', () => {
    expect(commands).toHaveLength(3);
  });

  it.each(commands)('are answered with 200 ($route)', async ({ route, block }) => {
    const terminal = await openTerminal();
    // The stream does not end.
    const isStream = route === '/live';
    const output = await terminal.paste(
      `${block.trim()} -w '\\n%{http_code}' ${isStream ? '-s --max-time 3 || true' : ''}`,
    );
    expect(output).toMatch(/\n200$/);
    if (isStream) expect(output).toContain('event: online');
  });
});
