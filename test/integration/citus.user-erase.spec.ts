import { expect, it } from '@jest/globals';

import { bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import { eventLog } from '../support/builders.js';
import { createDistributedDatabase, useDistributedTables } from '../support/database.js';
import { openDistributedReplica, openErasure } from '../support/persistence.js';
import { seedClaim } from '../support/seed.js';
import { openSql } from '../support/sql.js';

useDistributedTables();
await import('./user-erase.spec.js');

const [NOON, CLAIMED] = ['2025-06-15T04:00:00Z', '2025-06-15T01:00:00Z'];

const identityElsewhere = ['u:1', 'u:2', 'u:3', 'u:4'].find(
  (other) => bucketOf(other) !== bucketOf('u:42'),
) as string;

it('the claim of the same event id under another identity stays', async () => {
  const database = await createDistributedDatabase();
  const owner = await openSql(database.ownerUrl);
  const replica = openDistributedReplica(database.serviceUrl);
  try {
    const event = eventLog({ userId: '42', at: NOON, clientTime: CLAIMED });
    await replica.eventLog.batchInsert([event]);
    const claim = { event_id: event.eventId.value, client_time: CLAIMED, event_time: NOON };
    await seedClaim(owner, claim, identityElsewhere);
    const claims = () => owner.rows('SELECT event_id FROM analytics_event_corrections');
    expect(await claims()).toHaveLength(2);
    const subject = { kind: 'user', id: '42', identity: 'u:42' } as const;
    const options = { signal: new AbortController().signal };
    expect(await openErasure(database.ownerUrl).erase(subject, options)).toMatchObject({
      events: 1,
      claims: 1,
    });
    expect(await claims()).toHaveLength(1);
  } finally {
    await Promise.all([owner.close(), replica.close()]);
    await database.drop();
  }
}, 60_000);
