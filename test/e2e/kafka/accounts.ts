import { expect } from '@jest/globals';

import { endsOf, lengthOf, type RawMessage } from '../../support/kafka/topics.js';
import { waitFor } from '../../support/processes.js';
import type { Service } from '../../support/service.js';
import { metric } from './requests.js';
import type { Account, Stage } from './stage.js';
import { ARRIVAL_MS, PARTITIONS } from './topics.js';

export const KEY = 'user.account.created';

export interface IdentityMessage {
  readonly user: string;
  readonly install?: string | undefined;
  readonly at?: string;
}

export const AT = '2025-06-15T04:00:00.000Z';

export function account({ user, install, at = AT }: IdentityMessage): string {
  return JSON.stringify({ occurredAt: at, payload: { userId: user, installId: install } });
}

/** Returns account messages, spread over all partitions unless one is given. */
export function accounts(from: number, to: number, partition?: number): RawMessage[] {
  return Array.from({ length: to - from }, (_, i) => ({
    key: KEY,
    value: account({ user: String(2n ** 62n + BigInt(from + i)) }),
    partition: partition ?? i % PARTITIONS,
  }));
}

/** Returns the log entries that {@link accounts} lead to. */
export function recorded(from: number, to: number): Account[] {
  return Array.from({ length: to - from }, (_, i) => ({
    user: String(2n ** 62n + BigInt(from + i)),
    install: 'identity-service',
    at: AT,
    name: 'user_account_created',
  }));
}

/** Waits until the log holds exactly these accounts and every offset is committed. */
export async function expectRecorded(stage: Stage, expected: readonly Account[]): Promise<void> {
  await waitFor(
    async () => (await stage.number('SELECT count(*)::int FROM analytics_event_log')) >= expected.length,
    ARRIVAL_MS,
    { what: `${expected.length} accounts are recorded`, intervalMs: 100 },
  );
  await expectCommitted(stage);
  expect(await stage.accounts()).toEqual(expected);
}

/** Waits until the consumer group has committed the end of the identity topic. */
async function expectCommitted(stage: Stage): Promise<void> {
  const ends = await endsOf(stage.kafka.steadyBrokers, stage.identityTopic);
  await waitFor(
    async () => {
      expect(await stage.committed()).toEqual(ends);
      return true;
    },
    ARRIVAL_MS,
    { what: 'the offsets are committed', intervalMs: 250 },
  );
}

export const consumed = (stage: Stage, service: Service, outcome: string): Promise<number> =>
  metric(service, 'analytics_consumer_messages_total', { topic: stage.identityTopic, outcome });

export const deadLetters = (stage: Stage): Promise<number> =>
  lengthOf(stage.kafka.steadyBrokers, `${stage.identityTopic}.dlq`);
