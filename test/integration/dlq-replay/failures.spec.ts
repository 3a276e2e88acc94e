import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';

import { KafkaDeadLetters } from '../../../src/infrastructure/kafka/dead-letters/kafka-dead-letters.js';
import { DeadLetterReplayError } from '../../../src/application/ports/dead-letters.port.js';
import { rejectionOf } from '../../support/failures.js';
import { withKafka, type ProxiedKafka } from '../../support/kafka/cluster.js';
import { DeadLetterTopics, EVERY_DEAD_LETTER } from '../../support/kafka/dead-letter-topics.js';
import { freePort } from '../../support/processes.js';
import { useDeadLetterTopics } from '../../support/kafka/use-dead-letter-topics.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let kafka: ProxiedKafka;
let dlq: DeadLetterTopics;

useDeadLetterTopics((topics, cluster) => {
  [dlq, kafka] = [topics, cluster];
});

describe('an interrupted or failing replay', () => {
  it('stops between batches when it is interrupted and reports its progress', async () => {
    await dlq.makeTopic();
    await dlq.bury(Array.from({ length: 1_500 }, (_, offset) => ({ offset })));
    const interrupt = new AbortController();
    const outcome = await dlq.replay(
      {},
      { signal: interrupt.signal, onProgress: ({ replayed }) => replayed >= 500 && interrupt.abort() },
    );
    expect(outcome).toMatchObject({ ended: 'interrupted', read: 500, replayed: 500 });
    await dlq.arrived(500);
  });

  it('stops when it is interrupted while it joins the consumer group', async () => {
    await withKafka({ groupJoinDelayMs: 3_000 }, async (slow) => {
      const joining = new DeadLetterTopics(slow);
      await joining.makeTopic();
      await joining.bury([{ offset: 1 }]);
      const interrupt = new AbortController();
      const [outcome] = await Promise.all([
        joining.replay({}, { signal: interrupt.signal }),
        slow.nextJoin().then(() => interrupt.abort()),
      ]);
      expect(outcome).toMatchObject({ ended: 'interrupted', read: 0 });
      expect(await joining.replay({}, { signal: AbortSignal.abort() })).toMatchObject({
        ended: 'interrupted',
      });
      // The interrupted replays send nothing later, also while another one joins for as long.
      expect(await joining.replay()).toMatchObject({ ended: 'complete', replayed: 1 });
      await joining.arrived(1);
      await joining.close();
    });
  });

  it('reports what it replayed before an outage, and a second run completes it', async () => {
    await dlq.makeTopic();
    await dlq.bury(Array.from({ length: 1_000 }, (_, offset) => ({ offset })));
    const error = await rejectionOf(
      dlq.replay({}, { onProgress: ({ replayed }) => replayed >= 500 && kafka.interrupt() }),
    );
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect((error as Error).message).toMatch(
      /^(Sending to|Reading) identity-\S+ has failed: [^\n]+\n500 were replayed by then; starting again records none of them twice\.$/,
    );
    kafka.restore();
    expect(await dlq.replay()).toMatchObject({ ended: 'complete', replayed: 1_000 });
    expect(new Set(await dlq.arrived(1_500)).size).toBe(1_000);
  });

  it('fails with the cause when no broker listens', async () => {
    const config = { ...dlq.config, brokers: [`127.0.0.1:${await freePort()}`] };
    const error = await rejectionOf(dlq.replay({}, { config }));
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect((error as Error).message).toMatch(/^Reading identity-\S+\.dlq has failed: .*ECONNREFUSED[^\n]*$/);
  });

  it('fails within 20 s when brokers do not answer', async () => {
    await dlq.makeTopic();
    await dlq.bury([{ offset: 1 }]);
    kafka.freeze();
    const started = performance.now();
    const error = await rejectionOf(dlq.replay());
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect((error as Error).message).toMatch(/^Reading identity-\S+\.dlq has failed: [^\n]+$/);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('fails when no message arrives although offsets announce some', async () => {
    await dlq.makeTopic();
    await dlq.bury([{ offset: 1 }]);
    const started = performance.now();
    const error = await rejectionOf(
      new KafkaDeadLetters(dlq.config, randomUUID(), 1).replay(EVERY_DEAD_LETTER, {
        dryRun: true,
        signal: new AbortController().signal,
      }),
    );
    expect(error).toMatchObject({
      name: 'DeadLetterReplayError',
      message: expect.stringMatching(
        /^Nothing has come from \S+\.dlq for 0\.001 s, although 1 of 1 are still to be read/,
      ),
    });
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
