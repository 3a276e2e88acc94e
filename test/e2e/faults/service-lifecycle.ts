import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../../support/deployment.js';
import { waitFor } from '../../support/processes.js';
import { RECOVERY_MS } from '../../support/recovery.js';
import type { Service } from '../../support/service.js';
import { acceptedIds, batch, Load } from '../support/load.js';
import { isRunning } from '../support/process-tree.js';
import {
  beat,
  dauToday,
  expectRecovery,
  findMissing,
  get,
  PRODUCTION_LIMITS,
  resendFailed,
  send,
  type Verdict,
} from './service-client.js';

export function describeServiceLifecycle(): void {
  describe('a service that ends or has a replica', () => {
    let deployment: Deployment;

    beforeAll(async () => {
      deployment = await Deployment.create({ redis: true });
    });

    afterAll(async () => {
      await deployment?.remove();
    });

    /** Returns the figures of today without the instant at which each replica counted them for itself. */
    async function figuresToday(service: Service): Promise<unknown> {
      const { body } = await dauToday(service);
      return (body as { data: Record<string, unknown>[] }).data.map(
        ({ calculatedAt: _, ...figures }) => figures,
      );
    }

    async function countConnections(): Promise<number> {
      const [row] = await deployment.stored.rows(`SELECT count(*)::int AS n FROM pg_stat_activity
                                      WHERE datname = current_database() AND application_name = 'analytics-presence-service'`);
      return Number(row!['n']);
    }

    it.each(['SIGTERM', 'SIGINT'] as const)(
      'answers accepted requests and exits with 0 when stopped under load (%s)',
      async (signal) => {
        const service = await deployment.start(PRODUCTION_LIMITS);
        const load = new Load(service.url, { clients: 8, batchSize: 20 });
        await waitFor(() => load.answered > 50, RECOVERY_MS, { intervalMs: 1 });
        expect(await countConnections()).toBeGreaterThan(0);
        const exitCode = await service.stop(signal);
        const sent = await load.result();
        expect(exitCode).toBe(0);
        expect(isRunning(service.pid)).toBe(false);
        expect(sent.filter(({ status }) => status !== undefined && status !== 200 && status !== 503)).toEqual(
          [],
        );
        expect(await findMissing(deployment.database.ownerUrl, acceptedIds(sent))).toEqual([]);
        await waitFor(async () => (await countConnections()) === 0, RECOVERY_MS, {
          what: 'no connection is left',
        });
      },
    );

    it('has stored every accepted event when killed under load, and its successor accepts the retries', async () => {
      const service = await deployment.start(PRODUCTION_LIMITS);
      const load = new Load(service.url, { clients: 8, batchSize: 20 });
      await waitFor(() => load.answered > 50, RECOVERY_MS, { intervalMs: 1 });
      expect(await service.stop('SIGKILL')).toBeNull();
      const sent = await load.result();
      expect(await findMissing(deployment.database.ownerUrl, acceptedIds(sent))).toEqual([]);

      const successor = await deployment.start(PRODUCTION_LIMITS);
      await resendFailed(successor, sent);
      expect(
        await findMissing(
          deployment.database.ownerUrl,
          sent.flatMap(({ events }) => events.map(({ eventId }) => eventId)),
        ),
      ).toEqual([]);
      expect(await successor.stop()).toBe(0);
    });

    it('shares events, presence and figures with its replica', async () => {
      const [one, other] = await Promise.all([
        deployment.start(PRODUCTION_LIMITS),
        deployment.start(PRODUCTION_LIMITS),
      ]);
      await deployment.redis.flush();
      const events = batch(200);
      const batches = Array.from({ length: 20 }, (_, i) => events.slice(i, i + 180));
      const answers = await Promise.all(batches.map((some, i) => send(i % 2 === 0 ? one : other, some)));
      // A busy machine may refuse a batch, and a retry hides whether the first attempt stored it.
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused.filter(({ status }) => status !== 503)).toEqual([]);
      for (const [i, { status }] of answers.entries())
        if (status !== 200) await expectRecovery(() => send(one, batches[i]));
      const bodies = answers.flatMap(({ status, body }) => (status === 200 ? [body as Verdict] : []));
      for (const { accepted, duplicates } of bodies) expect(accepted + duplicates).toBe(180);
      const accepted = bodies.reduce((sum, verdict) => sum + verdict.accepted, 0);
      if (refused.length === 0) expect(accepted).toBe(199);
      expect(accepted).toBeLessThanOrEqual(199);
      const ids = events.slice(0, 199).map(({ eventId }) => eventId);
      expect(await findMissing(deployment.database.ownerUrl, ids)).toEqual([]);

      await Promise.all([beat(one, '7'), beat(other, '7'), beat(one, '8'), beat(other, '9')]);
      const ask = async (service: Service, path: string, field: string) =>
        ((await get(service, path)).body as Record<string, unknown>)[field];
      expect(await ask(one, '/presence/online-count', 'count')).toBe(3);
      expect(await ask(other, '/presence/online-count', 'count')).toBe(3);
      await waitFor(async () => {
        const [mine, theirs] = await Promise.all([figuresToday(one), figuresToday(other)]);
        expect(mine).toEqual(theirs);
        return true;
      }, 2000);

      expect(await one.stop()).toBe(0);
      expect((await send(other)).status).toBe(200);
      expect(await other.stop()).toBe(0);
    });
  });
}
