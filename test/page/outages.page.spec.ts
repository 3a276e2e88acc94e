import { beforeAll, describe, expect, it, jest } from '@jest/globals';

import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { LIFECYCLE_MESSAGES } from '../../web/src/panels/lifecycle/lifecycle-messages.js';
import { ONLINE_DAILY_MESSAGES } from '../../web/src/panels/online-daily/online-daily-messages.js';
import { ONLINE_NOW_MESSAGES } from '../../web/src/panels/online-now/online-now-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { CITIES_MESSAGES } from '../../web/src/panels/provinces/cities-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';
import { ROLLING_MESSAGES } from '../../web/src/panels/rolling/rolling-messages.js';
import { SERVICE_HEALTH_MESSAGES } from '../../web/src/panels/service-health/service-health-messages.js';
import { Deployment } from '../support/deployment.js';
import { expectNoBarriers } from '../support/page/axe.js';
import { adminToken, failedAnswer, useDashboard } from '../support/page/dashboard.js';
import { cardOf } from '../support/page/reading.js';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy/proxy.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';
import { settings, type Service } from '../support/service.js';
import { useParts } from '../support/use-parts.js';

jest.setTimeout(180_000);

const open = useDashboard();
const health = SERVICE_HEALTH_MESSAGES.en;
/** The service answers 503 while a store is gone. */
const tolerates = [failedAnswer(503)];

/** Cards that have nothing to show before the first session. */
const EMPTY = [
  ...[DAU_MESSAGES, ROLLING_MESSAGES, LIFECYCLE_MESSAGES, PROVINCES_MESSAGES, CITIES_MESSAGES],
  RETENTION_MESSAGES,
].map(({ en: { title } }) => title);

const parts = useParts();
let redis: RedisServer;
let postgres: PostgresProxy;
let service: Service;

beforeAll(async () => {
  const [deployment, server] = await Promise.all([
    parts.add(Deployment.create(), (each) => each.remove()),
    parts.add(startRedisServer(), (each) => each.stop()),
  ]);
  redis = server;
  postgres = await parts.add(startPostgresProxy(deployment.database.serviceUrl), (proxy) => proxy.close());
  const databaseUrl = postgres.through(deployment.database.serviceUrl);
  service = await parts.add(deployment.start(settings({ databaseUrl, redis })), (each) => each.stop());
});

describe('an empty service', () => {
  it('shows that it has no figures, and no error', async () => {
    const visit = await open({ url: service.url });
    for (const title of EMPTY) await cardOf(visit, title).getByText(visit.t.card.empty).waitFor();
    const online = cardOf(visit, ONLINE_NOW_MESSAGES.en.title).getByRole('status');
    await online.getByText('0', { exact: true }).waitFor();
    await cardOf(visit, health.title).getByText(health.status.ok).waitFor();
    expect(await visit.page.locator('[data-problem]').count()).toBe(0);
    await expectNoBarriers(visit.page);
  });
});

describe('a service before its first minute is over', () => {
  it('shows that it has no snapshots', async () => {
    const visit = await open({ url: service.url, token: null });
    const json = { data: [], total: 0, interval: '1m', lastSnapshotAt: null };
    await visit.page.route(/\/presence\/(daily|online-history)\?/, (route) => route.fulfill({ json }));
    await visit.page.evaluate(`location.hash = 'token=${adminToken()}'`);
    for (const { en } of [ONLINE_TODAY_MESSAGES, ONLINE_DAILY_MESSAGES])
      await cardOf(visit, en.title).getByText(visit.t.card.empty).waitFor();
  });
});

describe('a service without its Redis', () => {
  it('keeps the last number, marks it as stale, names the cause, and recovers', async () => {
    const visit = await open({ url: service.url, tolerates });
    const card = cardOf(visit, ONLINE_NOW_MESSAGES.en.title);
    await card.getByRole('status', { name: ONLINE_NOW_MESSAGES.en.title }).waitFor();
    redis.pause();
    try {
      await card.getByText(/^Not updated for/).waitFor();
      await card.getByText(visit.t.problem.unavailable).waitFor();
      const line = cardOf(visit, health.title).getByRole('listitem').filter({ hasText: 'Redis' });
      await line.getByText(health.down, { exact: true }).waitFor();
    } finally {
      redis.resume();
    }
    await card.getByText(/^Not updated for/).waitFor({ state: 'detached' });
    await cardOf(visit, health.title).getByText(health.status.ok).waitFor();
  });
});

describe('a service without its PostgreSQL', () => {
  it('says so in the figures that cannot be had, with the code of the service, and recovers by the button', async () => {
    const visit = await open({ url: service.url, tolerates });
    await cardOf(visit, health.title).getByText(health.status.ok).waitFor();
    const card = cardOf(visit, DAU_MESSAGES.en.title);
    postgres.mode = 'silent';
    postgres.silence();
    try {
      // Another range is another question, which has no earlier answer.
      await visit.page.getByRole('radio', { name: visit.t.header.rangeDaysLong(90) }).check({ force: true });
      await card.locator('[data-problem]').getByText(visit.t.problem.unavailable).waitFor();
      await card.getByText(visit.t.problem.code('database_unavailable')).waitFor();
      // One region speaks for all cards.
      await visit.page.getByRole('status').getByText(visit.t.announcement.some).waitFor();
      expect(await visit.page.getByRole('main').getByText(visit.t.announcement.some).count()).toBe(0);
      expect(await visit.page.locator('[data-problem] :is([role], [aria-live])').count()).toBe(0);
      const line = cardOf(visit, health.title).getByRole('listitem').filter({ hasText: 'PostgreSQL' });
      await line.getByText(health.down, { exact: true }).waitFor();
      await expectNoBarriers(visit.page);
    } finally {
      postgres.mode = 'pass';
    }
    await cardOf(visit, health.title).getByText(health.status.ok).waitFor();
    const retry = card.getByRole('button', { name: visit.t.card.retry });
    if (await retry.isVisible()) await retry.click();
    await card.locator('[data-problem]').waitFor({ state: 'detached' });
  });
});
