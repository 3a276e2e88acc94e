import { describe, expect, it } from '@jest/globals';
import type { OutboxLaneStatus } from '../../../src/infrastructure/outbox/outbox.repository.js';
import {
  outboxReport,
  readOutboxArguments,
  summarizeOutbox,
} from '../../../src/cli/support/outbox-report.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';
import { earlier, NOW, SECOND_MS } from '../../support/builders.js';

const ago = (seconds: number): Date => earlier(NOW, seconds * SECOND_MS);

function lane(number: number, overrides: Partial<OutboxLaneStatus> = {}): OutboxLaneStatus {
  return {
    lane: number,
    waiting: 0,
    oldestSeconds: null,
    publishedAt: null,
    failures: 0,
    lastError: null,
    lastErrorAt: null,
    ...overrides,
  };
}

const report = (lanes: readonly OutboxLaneStatus[], relayed = true): string[] =>
  outboxReport(summarizeOutbox(lanes, relayed), NOW).split('\n');

describe('the arguments of outbox:status', () => {
  it('are none, or --json', () => {
    expect(readOutboxArguments([])).toEqual({ json: false });
    expect(readOutboxArguments(['--json'])).toEqual({ json: true });
  });

  it.each([['--jsn'], ['now'], ['--json=yes'], ['-j']])('are not %s', (argument) => {
    expect(() => readOutboxArguments([argument])).toThrow(UsageError);
    expect(() => readOutboxArguments([argument])).toThrow(
      /^[^\n]+\nUsage: npm run outbox:status \[-- --json\]$/,
    );
  });
});

describe('the summary of the outbox', () => {
  it('adds up its lanes and takes the latest of each', () => {
    const lanes = [
      lane(0, { waiting: 2, oldestSeconds: 30.5, publishedAt: ago(40) }),
      lane(1, {
        waiting: 5,
        oldestSeconds: 125.2,
        publishedAt: ago(10),
        failures: 3,
        lastError: 'later',
        lastErrorAt: ago(1),
      }),
      lane(2, { lastError: 'earlier', lastErrorAt: ago(100) }),
    ];
    expect(summarizeOutbox(lanes, true)).toEqual({
      waiting: 7,
      oldestSeconds: 125.2,
      lastPublishedAt: ago(10),
      failingLanes: 1,
      lastError: { lane: 1, at: ago(1), message: 'later' },
      relayed: true,
      lanes,
    });
  });

  it('has nothing to say of an outbox never used', () => {
    expect(summarizeOutbox([lane(0)], false)).toEqual({
      waiting: 0,
      oldestSeconds: null,
      lastPublishedAt: null,
      failingLanes: 0,
      lastError: null,
      relayed: false,
      lanes: [lane(0)],
    });
  });
});

describe('the report on the outbox', () => {
  it('is short when all is well', () => {
    expect(report([lane(0, { publishedAt: ago(3) }), lane(1)])).toEqual([
      'No messages wait to be published.',
      'Last published 3 s ago (2025-01-14T16:59:57.000Z).',
    ]);
  });

  it('says so when nothing was ever published', () => {
    expect(report([lane(0)])).toEqual([
      'No messages wait to be published.',
      'Nothing has been published yet.',
    ]);
  });

  it('shows the lanes when something waits or fails, and the last error', () => {
    const failed = { lastError: 'KafkaJSConnectionError:\n  refused', lastErrorAt: ago(2) };
    const lines = report([
      lane(0, { waiting: 12, oldestSeconds: 125.4, publishedAt: ago(3_700), failures: 4, ...failed }),
      lane(1, { publishedAt: ago(61) }),
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

  it('does not alarm over an error that was overcome', () => {
    const [, , error, ...more] = report([
      lane(0, { publishedAt: ago(5), lastError: 'Error: away', lastErrorAt: ago(7_200) }),
    ]);
    expect(error).toBe(
      'Publishing works. The last error was 2 h ago (2025-01-14T15:00:00.000Z): Error: away',
    );
    expect(more).toEqual([]);
  });

  it('says when nothing publishes what waits', () => {
    expect(report([lane(0, { waiting: 1, oldestSeconds: 0.2 })], false).slice(0, 3)).toEqual([
      '1 message waits to be published, the oldest for 0 s.',
      'Nothing has been published yet.',
      'KAFKA_BROKERS is not set: with these settings nothing publishes messages. They wait for a service that has Kafka.',
    ]);
  });
});
