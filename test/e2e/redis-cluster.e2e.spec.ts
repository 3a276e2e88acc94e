import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { nowSeconds } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { startRedisCluster, type TestCluster } from '../support/redis-cluster.js';
import type { Service } from '../support/service.js';

/** Puts some users on each master. */
const USERS = 60;

jest.setTimeout(90_000);

let cluster: TestCluster;
let deployment: Deployment;
let service: Service;

beforeAll(async () => {
  [cluster, deployment] = await Promise.all([startRedisCluster(), Deployment.create()]);
  service = await deployment.start({
    REDIS_CLUSTER: 'true',
    REDIS_HOST: cluster.nodes.map(({ proxy }) => `${proxy.host}:${proxy.port}`).join(','),
  });
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
  await cluster?.stop();
});

const ask = (path: string) => request(`${service.url}${path}`, { token: signToken({ userId: '1' }) });

/** Sends a heartbeat of each user until all of them are stored at once. */
async function expectAllStored(): Promise<void> {
  await waitFor(
    async () => {
      const answers = await Promise.all(
        Array.from({ length: USERS }, (_, index) =>
          postJson(
            `${service.url}/presence/heartbeat`,
            { installId: `install-${randomUUID()}`, appVersion: '1', clientTs: nowSeconds() },
            { token: signToken({ userId: String(index + 1) }) },
          ),
        ),
      );
      return answers.every(({ status }) => status === 200);
    },
    RECOVERY_MS,
    { what: 'all heartbeats are stored' },
  );
}

/** Waits until a path is answered like this. @returns the body */
async function expectAnswer(path: string, body: object): Promise<unknown> {
  return waitFor(
    async () => {
      const answer = await ask(path);
      expect(answer).toMatchObject({ status: 200, body });
      return answer.body;
    },
    RECOVERY_MS,
    { what: path },
  );
}

describe('a service on a Redis Cluster', () => {
  it('counts everybody while all masters answer', async () => {
    await expectAllStored();
    await expectAnswer('/presence/online-count', { count: USERS, isPartial: false, coverage: 1 });
    await expectAnswer('/health/ready', { status: 'ok' });
  });

  it('says that its count is partial while a master does not answer', async () => {
    const [lost] = cluster.nodes;
    lost?.server.pause();
    try {
      const partial = { isPartial: true, coverage: expect.closeTo(2 / 3, 2) };
      const { count } = (await expectAnswer('/presence/online-count', partial)) as { count: number };
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(USERS);
      await expectAnswer('/health/ready', { status: 'degraded', dependencies: { redis: 'down' } });
    } finally {
      lost?.server.resume();
    }
  });

  it('counts everybody again once the master answers', async () => {
    await expectAllStored();
    await expectAnswer('/presence/online-count', { count: USERS, isPartial: false, coverage: 1 });
    await expectAnswer('/health/ready', { status: 'ok' });
  });
});
