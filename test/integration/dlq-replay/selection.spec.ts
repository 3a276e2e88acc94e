import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';

import {
  DeadLetterReplayError,
  type DeadLetterSelection,
} from '../../../src/application/ports/dead-letters.port.js';
import { later, MINUTE_MS, NOON } from '../../support/builders.js';
import { rejectionOf } from '../../support/failures.js';
import type { DeadLetterTopics } from '../../support/kafka/dead-letter-topics.js';
import { useDeadLetterTopics } from '../../support/kafka/use-dead-letter-topics.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let dlq: DeadLetterTopics;

useDeadLetterTopics((topics) => {
  dlq = topics;
});

const inOrder = (sources: readonly string[]) => [...sources].sort();

describe('a selection of dead letters', () => {
  const minute = (n: number) => later(new Date(NOON), n * MINUTE_MS);

  beforeEach(async () => {
    await dlq.makeTopic();
    await dlq.bury([
      { partition: 0, offset: 1, reason: 'message_invalid', failedAt: minute(0) },
      { partition: 0, offset: 2, reason: 'internal_error', failedAt: minute(1) },
      { partition: 1, offset: 1, reason: 'internal_error', failedAt: minute(2) },
      { partition: 2, offset: 11, reason: 'user_id_invalid', failedAt: minute(3) },
    ]);
  });

  /** Returns the sources that each selection chooses. */
  const selected = (...selections: Partial<DeadLetterSelection>[]): Promise<string[][]> =>
    Promise.all(
      selections.map(async (selection) => {
        const outcome = await dlq.replay(selection, { dryRun: true });
        expect(outcome.replayed).toBe(outcome.selected.length);
        return inOrder(outcome.selected.map(({ source }) => source));
      }),
    );

  it('is listed by a dry run, which sends nothing', async () => {
    const { selected: letters, ...outcome } = await dlq.replay({}, { dryRun: true });
    expect(outcome).toMatchObject({ ended: 'complete', read: 4, replayed: 4 });
    expect(letters.find(({ source }) => source === '2:11')).toEqual({
      source: '2:11',
      partition: 2,
      reason: 'user_id_invalid',
      detail: 'why of 2/11',
      failedAt: minute(3),
      key: 'user.account.created',
    });
    // The replay that follows is the first to send.
    await dlq.replay({ sources: ['0:2'] });
    expect(await dlq.arrived(1)).toEqual(['0:2']);
  });

  it('chooses by reason', async () => {
    expect(await selected({ reason: 'internal_error' }, { reason: 'internal' })).toEqual([
      ['0:2', '1:1'],
      [],
    ]);
  });

  it('chooses by time from the start up to, and without, the end', async () => {
    const span = { since: minute(1), until: minute(3) };
    expect(await selected({ since: minute(1) }, { until: minute(1) }, span)).toEqual([
      ['0:2', '1:1', '2:11'],
      ['0:1'],
      ['0:2', '1:1'],
    ]);
  });

  it('chooses by source and lists the missing ones', async () => {
    const outcome = await dlq.replay({ sources: ['0:1', '2:11', '2:1', '9:1'] }, { dryRun: true });
    expect(inOrder(outcome.selected.map(({ source }) => source))).toEqual(['0:1', '2:11']);
    expect(outcome.missing).toEqual(['2:1', '9:1']);
  });

  it('combines reason, time and source', async () => {
    expect(
      await selected({ reason: 'internal_error', since: minute(2), sources: ['0:2', '1:1', '2:11'] }),
    ).toEqual([['1:1']]);
  });
});

describe('a limit of a replay', () => {
  it('stops after that many replayed messages, in the order of the partition', async () => {
    await dlq.makeTopic();
    await dlq.bury(
      Array.from({ length: 1_200 }, (_, offset) => ({ offset, reason: offset % 2 === 0 ? 'even' : 'odd' })),
    );
    expect(await dlq.replay({ reason: 'odd', limit: 300 })).toMatchObject({
      ended: 'limit',
      read: 600,
      replayed: 300,
    });
    expect(await dlq.arrived(300)).toEqual(Array.from({ length: 300 }, (_, i) => `0:${2 * i + 1}`));
  });

  it('leaves none when it equals the number of dead letters', async () => {
    await dlq.makeTopic();
    await dlq.bury([{ offset: 1 }, { offset: 2 }]);
    expect(await Promise.all([dlq.replay({ limit: 2 }), dlq.replay({ limit: 1 })])).toMatchObject([
      { ended: 'complete', replayed: 2 },
      { ended: 'limit', replayed: 1 },
    ]);
  });
});

describe('a replay without dead letters', () => {
  it('does not create a missing topic', async () => {
    expect(await dlq.replay()).toMatchObject({ ended: 'complete', read: 0, replayed: 0 });
    expect(await dlq.replay({ sources: ['0:1'] }, { dryRun: true })).toMatchObject({
      read: 0,
      missing: ['0:1'],
    });
    const existing = await dlq.listTopics();
    expect(existing).not.toContain(dlq.deadLetterTopic);
    expect(existing).not.toContain(dlq.topic);
  });

  it('ends at once on an empty topic', async () => {
    await dlq.makeTopic(dlq.deadLetterTopic);
    expect(await dlq.listTopics()).toContain(dlq.deadLetterTopic);
    const started = performance.now();
    expect(await dlq.replay()).toMatchObject({ ended: 'complete', read: 0, replayed: 0 });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('fails when the identity topic does not exist, and does not create it', async () => {
    await dlq.bury([{ offset: 1 }]);
    const error = await rejectionOf(dlq.replay());
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect(error).toMatchObject({
      message: `Topic ${dlq.topic} does not exist: nothing can be put back to it`,
    });
    expect(await dlq.listTopics()).not.toContain(dlq.topic);
  });
});
