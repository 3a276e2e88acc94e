import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VirtualDevice } from '../../clients/conformance/adapter/virtual-device.js';
import { AnalyticsClient, type Fetch } from '../../clients/typescript/src/analytics-client.js';
import { nodePlatform } from '../../clients/typescript/src/node/node-platform.js';
import { Deployment } from '../support/deployment.js';
import { request, signToken } from '../support/http.js';
import { temporaryDirectory } from '../support/processes.js';
import type { Service } from '../support/service.js';

const ROOT = join(import.meta.dirname, '../..');
const ANNA = '7001';
const BORIS = '7002';

let deployment: Deployment;
let service: Service;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  service = await deployment.start({ KAFKA_BROKERS: '' });
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
});

/** Loses every third request and every fourth answer; the service has stored the events of a lost answer. */
function losingFetch(): Fetch {
  let requests = 0;
  return async (url, init) => {
    requests += 1;
    if (requests % 3 === 0) throw new TypeError('The request is lost');
    const response = await fetch(url, init);
    const text = await response.text();
    if (requests % 4 === 0) throw new TypeError('The answer is lost');
    return { status: response.status, headers: response.headers, text: async () => text };
  };
}

describe('the reference client and the service', () => {
  const file = join(temporaryDirectory('client'), 'queue.jsonl');
  const losing = losingFetch();
  let device: VirtualDevice;
  let client: AnalyticsClient;

  /** Launches the app: a new process would find what the storage holds. */
  async function launch(): Promise<void> {
    device = new VirtualDevice(Date.now());
    const platform = nodePlatform(file);
    client = await AnalyticsClient.open({
      baseUrl: service.url,
      appVersion: '2.4.0',
      sessionProperties: { os: 'HarmonyOS', province: '广东省' },
      platform: {
        ...platform,
        clock: device.clock,
        startTimer: device.startTimer,
        // Equal waits in every run: the same requests are lost.
        random: () => 0,
        fetch: (url, init) => device.count(losing(url, init)),
        compress: (text) => device.count(platform.compress!(text)),
        storage: {
          load: () => platform.storage.load(),
          save: (key, text) => device.count(platform.storage.save(key, text)),
          remove: (keys) => device.count(platform.storage.remove(keys)),
        },
      },
    });
  }

  /** Lets time pass until everything is confirmed, within the five minutes that a clock may be off. */
  async function drain(): Promise<void> {
    for (let seconds = 0; client.queuedEvents > 0 && seconds < 280; seconds += 1) await device.advance(1_000);
    expect(client.queuedEvents).toBe(0);
  }

  it('stores each event once, under its user, through losses, an expired token and a crash', async () => {
    await launch();
    const tokens = [signToken({ userId: ANNA }, { expiresInSeconds: -60 }), signToken({ userId: ANNA })];
    const marks: string[] = [];
    const track = async (count: number): Promise<void> => {
      for (let left = count; left > 0; left -= 1) {
        marks.push(randomUUID());
        await client.track('page_view', { mark: marks.at(-1), padding: 'x'.repeat(100) });
      }
    };
    client.enterForeground();
    await track(30);
    client.login({ userId: ANNA, token: async () => tokens.shift() ?? signToken({ userId: ANNA }) });
    await track(60);
    // The app ends with a full queue; the events wait in the file.
    client.close();
    await device.idle();
    expect(tokens).toEqual([]);
    await launch();
    client.login({ userId: BORIS, token: async () => signToken({ userId: BORIS }) });
    client.enterForeground();
    await track(60);
    await drain();

    const rows = await deployment.stored.rows(
      `SELECT properties->>'mark' AS mark, user_id::text AS "userId", count(*)::int AS stored
       FROM analytics_event_log WHERE event_name = 'page_view' GROUP BY 1, 2`,
    );
    const owner = (index: number): string | null => (index < 30 ? null : index < 90 ? ANNA : BORIS);
    const byMark = new Map(
      rows.map((row) => [row['mark'], { userId: row['userId'], stored: row['stored'] }]),
    );
    expect(marks.map((mark) => byMark.get(mark))).toEqual(
      marks.map((_, index) => ({ userId: owner(index), stored: 1 })),
    );
    expect(rows).toHaveLength(marks.length);
    const sessions = await deployment.stored.rows(
      `SELECT user_id::text AS "userId", count(*)::int AS stored FROM analytics_event_log
       WHERE event_name = 'app_session_start' GROUP BY 1 ORDER BY 1 NULLS FIRST`,
    );
    expect(sessions).toEqual([
      { userId: null, stored: 1 },
      { userId: BORIS, stored: 1 },
    ]);
  });

  it('keeps its user online by heartbeats, although some are lost', async () => {
    await device.advance(180_000);

    const { body } = await request(`${service.url}/presence/online-count`, {
      token: signToken({ userId: '1' }),
    });
    expect(body).toMatchObject({ count: 1 });
  });
});

describe('npm run client:conformance', () => {
  const run = promisify(execFile);

  it('judges an adapter that it starts, over HTTP', async () => {
    const { stdout } = await run(
      process.execPath,
      ['--no-warnings', 'tools/run-command.mjs', 'client:conformance', '--only=the app'],
      { cwd: ROOT },
    );

    expect(stdout).toContain('ok       the app crashes without a network\n');
    expect(stdout).toMatch(/^R2 +kept/m);
    expect(stdout).toMatch(/\n\d+ rules kept, 0 broken, \d+ not judged\n$/);
  });

  it('exits with 1 and says why when an adapter fails', async () => {
    const adapter = `echo '{"protocol":1,"time":"virtual"}'; while read line; do echo '{"ok":false,"error":"no such step"}'; done`;
    const failed = run(
      process.execPath,
      [
        ...['--no-warnings', 'tools/run-command.mjs', 'client:conformance'],
        '--only=a slow link',
        `--command=${adapter}`,
      ],
      { cwd: ROOT },
    );

    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/R17 +broken[^]*no such step/),
    });
  });
});
