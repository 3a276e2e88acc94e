import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { runBuilt, type Service, type Settings } from '../support/service.js';

const ERASE = 'src/cli/user-erase.js';

jest.setTimeout(60_000);

let deployment: Deployment;
let service: Service;
let owner: Settings;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  service = await deployment.start();
  owner = { ...deployment.settings, DATABASE_MIGRATION_URL: deployment.database.ownerUrl };
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
});

async function dau(): Promise<unknown> {
  const today = shanghaiDay(Date.now());
  const { body } = await request(`${service.url}/analytics/dau?startDate=${today}&endDate=${today}`, {
    token: signToken({ userId: '1' }),
  });
  const [{ dauCount, byProvince }] = (body as { data: [{ dauCount: number; byProvince: unknown }] }).data;
  return { dauCount, byProvince };
}

describe('user:erase beside the running service', () => {
  it('erases events and presence, keeps the figures and a clean audit, and prints a report', async () => {
    const events = [
      event({ userId: '42', properties: { province: '广东省' } }),
      event({ userId: '43', properties: { province: '广东省' } }),
      event({ installId: 'install-of-nobody' }),
    ];
    expect(await postJson(`${service.url}/analytics/events`, { events })).toMatchObject({ status: 200 });
    const heartbeat = { installId: 'install-42', appVersion: '1', clientTs: nowSeconds() };
    for (const userId of ['42', '43'])
      await postJson(`${service.url}/presence/heartbeat`, heartbeat, { token: signToken({ userId }) });
    const before = await dau();

    const { exitCode, output } = await runBuilt(
      ERASE,
      ['--user=42', '--install=install-of-nobody', '--json'],
      owner,
    );
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    // The progress is on standard error, which comes first.
    expect(JSON.parse(output.trimEnd().split('\n').at(-1)!)).toMatchObject({
      erased: [
        {
          kind: 'user',
          id: '42',
          events: 1,
          activeDays: 1,
          wasPresent: true,
          report: { receipt: expect.any(String) },
        },
        { kind: 'install', id: 'install-of-nobody', events: 1, activeDays: 1, wasPresent: false },
      ],
      interrupted: false,
    });
    expect(await deployment.stored.rows('SELECT user_id FROM analytics_event_log')).toEqual([
      { user_id: '43' },
    ]);
    const online = await request(`${service.url}/presence/online-count`, {
      token: signToken({ userId: '1' }),
    });
    expect(online.body).toMatchObject({ count: 1 });
    expect(await dau()).toEqual(before);
    expect(
      await runBuilt('src/cli/dau-audit.js', [shanghaiDay(Date.now())], deployment.settings),
    ).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('No drift'),
    });

    const again = await runBuilt(ERASE, ['--user=42'], owner);
    expect(again).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^Erased: user 42 · 0 events, /m),
    });
    expect(await deployment.stored.rows('SELECT count(*)::int AS n FROM analytics_erasures')).toEqual([
      { n: 3 },
    ]);
  });

  it('refuses without the connection of the owner', async () => {
    expect(await runBuilt(ERASE, ['--user=43'], deployment.settings)).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(
        /^DATABASE_MIGRATION_URL must be the connection of the owner of the tables/m,
      ),
    });
    expect(await deployment.stored.rows('SELECT user_id FROM analytics_event_log')).toEqual([
      { user_id: '43' },
    ]);
  });
});
