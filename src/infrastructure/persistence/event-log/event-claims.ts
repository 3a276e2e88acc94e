import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { ArrayLiteral } from '../mappers/array-literal.js';
import type { PrismaService } from '../prisma/prisma.service.js';

/**
 * Claims are sorted by key, so that concurrent ones do not deadlock. The commit need not wait for the disk: it reaches
 * the disk before that of the flush which depends on it.
 */
const CLAIM_SQL = `
INSERT INTO analytics_event_corrections (event_id, client_time, event_time)
SELECT event_id, client_time, event_time
FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS t (event_id, client_time, event_time),
     set_config('synchronous_commit', 'off', true)
ORDER BY event_id
ON CONFLICT DO NOTHING
`;

/**
 * Claims the ids of events with a corrected clock for their event times; the first claim of an id stays.
 * It must be committed before the events are stored: docs/adr/0014 gives the reason.
 */
export async function claimCorrectedTimes(prisma: PrismaService, events: readonly EventLog[]): Promise<void> {
  await prisma.statementForRequest(CLAIM_SQL, ...toClaimParameters(events));
}

/** Returns event ids, client times and event times, each as an array literal. */
export function toClaimParameters(events: readonly EventLog[]): readonly string[] {
  const [eventIds, clientTimes, eventTimes] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  for (const { eventId, clientTime, eventTime } of events) {
    eventIds.add(eventId.value);
    clientTimes.add(clientTime.toISOString());
    eventTimes.add(eventTime.toISOString());
  }
  return [eventIds, clientTimes, eventTimes].map(String);
}
