import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds, shanghaiDay, type WireEvent } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken, type Answer } from '../support/http.js';
import type { OwnerDatabase } from '../support/owner-database.js';
import type { Service } from '../support/service.js';

let deployment: Deployment;
let stored: OwnerDatabase;
/** accepts the userId of an anonymous body, which is the default */
let trusting: Service;
/** runs with EVENTS_TRUST_BODY_USER_ID=false */
let distrusting: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  ({ stored } = deployment);
  [trusting, distrusting] = await Promise.all([
    deployment.start(),
    deployment.start({ EVENTS_TRUST_BODY_USER_ID: 'false' }),
  ]);
}, 60_000);

afterAll(() => deployment?.remove());

function send(service: Service, events: readonly unknown[], token?: string): Promise<Answer> {
  return postJson(`${service.url}/analytics/events`, { events }, token === undefined ? {} : { token });
}

async function usersOf(events: readonly WireEvent[]): Promise<(string | null | undefined)[]> {
  const rows = await stored.events(events.map(({ eventId }) => eventId));
  return rows.map((row) => row?.userId);
}

async function activesOf(identity: string): Promise<number> {
  const rows = await stored.rows('SELECT 1 FROM analytics_daily_actives WHERE identity = $1 AND level = 0', [
    identity,
  ]);
  return rows.length;
}

async function dauToday(): Promise<number> {
  const day = shanghaiDay();
  const { body } = await request(`${trusting.url}/analytics/dau?startDate=${day}&endDate=${day}`, {
    token: signToken({ userId: '1' }),
  });
  return (body as { data: { dauCount: number }[] }).data[0]?.dauCount ?? 0;
}

describe('a request with a token', () => {
  const services = [
    ['by default', () => trusting],
    ['with EVENTS_TRUST_BODY_USER_ID=false', () => distrusting],
  ] as const;

  it.each(services)('assigns events without a user to the user of the token (%s)', async (_, service) => {
    const silent = [event(), { ...event(), userId: null }, { ...event(), userId: '' }];
    const answer = await send(service(), silent, signToken({ userId: '61' }));
    expect(answer).toMatchObject({ status: 200, body: { accepted: 3, failed: 0 } });
    expect(await usersOf(silent as WireEvent[])).toEqual(['61', '61', '61']);
  });

  it.each(services)('rejects an event of another user and stores its neighbours (%s)', async (_, service) => {
    const events = [event({ userId: '62' }), event({ userId: '63' }), event({ userId: '620' }), event()];
    const answer = await send(service(), events, signToken({ userId: '62' }));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        accepted: 2,
        failed: 2,
        rejected: [
          { index: 1, code: 'user_id_mismatch', field: 'userId' },
          { index: 2, code: 'user_id_mismatch', field: 'userId' },
        ],
      },
    });
    // The response does not disclose the user of the token.
    expect(answer.text).not.toMatch(/\b62\b/);
    expect(await usersOf(events)).toEqual(['62', undefined, undefined, '62']);
  });

  it.each(services)('rejects every other notation of the user id (%s)', async (_, service) => {
    const disguises = [
      '064',
      '64 ',
      '+64',
      '64.0',
      '6.4e1',
      '0x40',
      '６４',
      '64\u0000',
      ['64'],
      64,
      { 0: '64' },
    ];
    const events = disguises.map((userId) => ({ ...event(), userId }));
    const answer = await send(service(), events, signToken({ userId: '64' }));
    expect(answer).toMatchObject({ status: 200, body: { accepted: 0, failed: disguises.length } });
    const { rejected } = answer.body as { rejected: { code: string }[] };
    expect(new Set(rejected.map(({ code }) => code))).toEqual(new Set(['user_id_invalid']));
  });

  it.each(services)('ignores user ids in fields other than userId (%s)', async (_, service) => {
    const installId = `install-${randomUUID()}`;
    const sneaky = {
      ...event({ installId }),
      user_id: '66',
      UserId: '66',
      sub: '66',
      user: { id: '66' },
      properties: { userId: '66' },
    };
    await send(service(), [sneaky], signToken({ userId: '65' }));
    expect(await usersOf([sneaky])).toEqual(['65']);
    expect(await activesOf('u:66')).toBe(0);
  });

  it.each(services)(
    'assigns a heartbeat to the user of the token, not to the userId of its body (%s)',
    async (_, service) => {
      const count = async (): Promise<number> => {
        const { body } = await request(`${service().url}/presence/online-count`, {
          token: signToken({ userId: '1' }),
        });
        return (body as { count: number }).count;
      };
      const beat = (userId: string, claimed: string): Promise<Answer> =>
        postJson(
          `${service().url}/presence/heartbeat`,
          { installId: 'install-of-identity', appVersion: '1', clientTs: nowSeconds(), userId: claimed },
          { token: signToken({ userId }) },
        );
      const before = await count();
      for (const claimed of ['671', '672', '673']) expect((await beat('67', claimed)).status).toBe(200);
      expect(await count()).toBe(before + 1);
    },
  );

  it.each(services)(
    'stores nothing when the token is forged, not even anonymously (%s)',
    async (_, service) => {
      const sent = event({ userId: '68' });
      const token = signToken({ userId: '68' }, { secret: 'guessed-secret-guessed-secret-guessed' });
      expectProblem(await send(service(), [sent], token), 401, 'token_invalid');
      expect(await usersOf([sent])).toEqual([undefined]);
    },
  );
});

describe('a request without a token', () => {
  it('assigns an event to the userId of its body by default', async () => {
    const sent = event({ userId: '71' });
    const before = await dauToday();
    expect(await send(trusting, [sent])).toMatchObject({ status: 200, body: { accepted: 1 } });
    expect(await usersOf([sent])).toEqual(['71']);
    expect(await activesOf('u:71')).toBe(1);
    expect(await activesOf(`i:${sent.installId}`)).toBe(0);
    expect(await dauToday()).toBe(before + 1);
  });

  it('stores and counts an event by its install only with EVENTS_TRUST_BODY_USER_ID=false', async () => {
    const installId = `install-${randomUUID()}`;
    // One device that claims to be a thousand users would otherwise be a thousand actives.
    const claims = Array.from({ length: 1000 }, (_, i) =>
      event({ installId, userId: String(7_200_000 + i) }),
    );
    const before = await dauToday();
    const answer = await send(distrusting, claims);
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1000, failed: 0 } });
    expect(new Set(await usersOf(claims))).toEqual(new Set([null]));
    expect(await activesOf(`i:${installId}`)).toBe(1);
    expect(await activesOf('u:7200000')).toBe(0);
    expect(await dauToday()).toBe(before + 1);
  });

  it('validates the userId with EVENTS_TRUST_BODY_USER_ID=false as well', async () => {
    const events = ['abc', '0', '-1', '9223372036854775808'].map((userId) => ({ ...event(), userId }));
    expect(await send(distrusting, events)).toMatchObject({ status: 200, body: { accepted: 0, failed: 4 } });
  });

  it('never confuses an install with a user of the same name', async () => {
    const sent = [event({ installId: 'u:730000000' }), event({ installId: 'i:u:73000', userId: '73' })];
    expect(await send(trusting, sent)).toMatchObject({ body: { accepted: 2 } });
    expect([
      await activesOf('u:730000000'),
      await activesOf('i:u:730000000'),
      await activesOf('u:73'),
    ]).toEqual([0, 1, 1]);
  });

  it('does not change a stored event when its id is sent again', async () => {
    const own = event({ userId: '74', properties: { province: '广东省' } });
    await send(trusting, [own], signToken({ userId: '74' }));
    const forged = { ...own, userId: '75', eventName: 'stolen', installId: 'install-of-a-thief' };
    expect(await send(trusting, [forged], signToken({ userId: '75' }))).toMatchObject({
      status: 200,
      body: { accepted: 0, duplicates: 1 },
    });
    expect(await stored.events([own.eventId])).toMatchObject([
      { userId: '74', eventName: 'app_session_start', installId: own.installId },
    ]);
  });
});
