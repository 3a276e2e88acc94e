import { describe, expect, it } from '@jest/globals';
import type { OutboxLaneStatus } from '../../../src/application/ports/outbox-lanes.port.js';
import type { OutboxTarget } from '../../../src/application/queries/get-outbox-status/get-outbox-status.query.js';
import { GetOutboxStatusHandler } from '../../../src/application/queries/get-outbox-status/get-outbox-status.handler.js';
import { outboxReport } from '../../../src/cli/support/outbox-report.js';
import { earlier, NOW, outboxLane, SECOND_MS } from '../../support/builders.js';

const ago = (seconds: number): Date => earlier(NOW, seconds * SECOND_MS);

async function report(lanes: readonly OutboxLaneStatus[], target: OutboxTarget = 'kafka'): Promise<string[]> {
  const outbox = { readStatus: async () => [...lanes] };
  const status = await new GetOutboxStatusHandler(outbox, target).execute();
  return outboxReport(status, NOW).split('\n');
}

describe('the report on the outbox', () => {
  it('is short when nothing waits and nothing fails', async () => {
    expect(await report([outboxLane(0, { publishedAt: ago(3) }), outboxLane(1)])).toEqual([
      'No messages wait to be published.',
      'Last published 3 s ago (2025-01-14T16:59:57.000Z).',
    ]);
  });

  it('says that nothing was published yet', async () => {
    expect(await report([outboxLane(0)])).toEqual([
      'No messages wait to be published.',
      'Nothing has been published yet.',
    ]);
  });

  it('shows the lanes and the last error when messages wait or publishing fails', async () => {
    const failed = { lastError: 'KafkaJSConnectionError:\n  refused', lastErrorAt: ago(2) };
    const lines = await report([
      outboxLane(0, { waiting: 12, oldestSeconds: 125.4, publishedAt: ago(3_700), failures: 4, ...failed }),
      outboxLane(1, { publishedAt: ago(61) }),
    ]);
    expect(lines).toEqual([
      '12 messages wait to be published, the oldest for 2 min 5 s.',
      'Last published 1 min 1 s ago (2025-01-14T16:58:59.000Z).',
      'Publishing fails in 1 of 2 lanes. The last error was 2 s ago (2025-01-14T16:59:58.000Z): ' +
        'KafkaJSConnectionError: refused',
      '',
      'lane  waiting  failed attempts  oldest     last published  last error',
      '   0       12                4  2 min 5 s  1 h 1 min ago   2 s ago',
      '   1        0                0  –          1 min 1 s ago   –',
    ]);
  });

  it('reports an old error as past when publishing works again', async () => {
    const [, , error, ...more] = await report([
      outboxLane(0, { publishedAt: ago(5), lastError: 'Error: away', lastErrorAt: ago(7_200) }),
    ]);
    expect(error).toBe(
      'Publishing works. The last error was 2 h ago (2025-01-14T15:00:00.000Z): Error: away',
    );
    expect(more).toEqual([]);
  });

  it('warns that these settings publish nothing', async () => {
    expect((await report([outboxLane(0, { waiting: 1, oldestSeconds: 0.2 })], null)).slice(0, 3)).toEqual([
      '1 message waits to be published, the oldest for 0 s.',
      'Nothing has been published yet.',
      'KAFKA_BROKERS is not set: with these settings nothing publishes messages. They wait for a service that has Kafka.',
    ]);
  });

  it('does not call the log a publication', async () => {
    const logged =
      'KAFKA_BROKERS is not set: with these settings the debug log takes the messages, and no subscriber receives them.';
    expect(await report([outboxLane(0, { publishedAt: ago(3) })], 'log')).toEqual([
      'No messages wait to be written to the log.',
      'Last written to the log 3 s ago (2025-01-14T16:59:57.000Z).',
      logged,
    ]);
    expect((await report([outboxLane(0)], 'log')).join(' ')).not.toContain('published');
  });
});
