import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, millisecondsToMidnight, shanghaiDay } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import { runBuilt, type Service } from '../support/service.js';

jest.setTimeout(60_000);

let deployment: Deployment;
let canonical: Service;
let asSent: Service;

beforeAll(async () => {
  // The tests count the current day, so they do not run across midnight in Shanghai.
  await waitFor(() => millisecondsToMidnight() > 60_000, 100_000, {
    what: 'the day has changed in Shanghai',
  });
  deployment = await Deployment.create();
  asSent = await deployment.start({ PLACE_NAMES: 'as-sent' });
  canonical = await deployment.start();
}, 110_000);

afterAll(async () => {
  expect(await deployment.remove()).toEqual([0, 0]);
});

async function send(service: Service, ...places: readonly Record<string, unknown>[]): Promise<void> {
  const events = places.map((properties) => event({ properties }));
  const answer = await postJson(`${service.url}/analytics/events`, { events });
  expect(answer).toMatchObject({ status: 200, body: { accepted: events.length } });
}

describe('the places of a day', () => {
  it('have one name each, beside the names that an earlier setting stored, and the audit finds no drift', async () => {
    const day = shanghaiDay();
    await send(asSent, { province: 'Guangdong', city: '\u200b市辖区' }, { province: '广东', city: 'null' });
    await send(
      canonical,
      { province: '广东', city: '深圳市' },
      { province: '廣東省', city: '\ufeff深圳市' },
      { province: ' CN-GD ', city: 'unknown' },
      { province: 'Beijing', city: '市辖区' },
      { province: '天津', city: '市辖区' },
      { province: 'I\u0302le-de-France', city: 'Paris' },
      { province: 'Île-de-France', city: 'Paris' },
      { province: 'null', city: '未知' },
    );
    await waitFor(async () => {
      const { body } = await request(`${canonical.url}/analytics/dau?startDate=${day}&endDate=${day}`, {
        token: signToken({ userId: '1' }),
      });
      expect(body).toMatchObject({
        data: [
          {
            dauCount: 10,
            byProvince: { 广东省: 3, 北京市: 1, 天津市: 1, 'Île-de-France': 2, Guangdong: 1, 广东: 1 },
            byCity: { 深圳市: 2, 北京市市辖区: 1, 天津市市辖区: 1, Paris: 2, 市辖区: 1, null: 1 },
          },
        ],
      });
      return true;
    }, 3000);
    const audit = await runBuilt('src/cli/dau-audit.js', [day], deployment.settings);
    expect({ exitCode: audit.exitCode, output: audit.output }).toMatchObject({ exitCode: 0 });
  });
});
