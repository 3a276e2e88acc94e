import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { produceRaw, type RawMessage } from '../support/kafka/topics.js';
import { readTopicWithKcat } from '../support/kafka/kcat.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { waitFor } from '../support/processes.js';
import { runBuilt, startBuilt, type Settings } from '../support/service.js';

const STATUS = 'src/cli/outbox-status.js';
const REPLAY = 'src/cli/dlq-replay.js';

/** Progress that the command writes to standard error at intervals. */
const PROGRESS = /^\d+ of \d+ dead letters read · \d+ (?:selected|replayed)\n/m;

// Most tests run several commands, each of which starts Node.
jest.setTimeout(60_000);

describe('outbox:status', () => {
  let deployment: Deployment;
  let env: Settings;

  beforeAll(async () => {
    deployment = await Deployment.create();
    const { stored } = deployment;
    env = deployment.settings;
    await stored.rows(
      `INSERT INTO analytics_outbox (id, aggregatetype, aggregateid, type, payload, occurred_at, created_at)
       SELECT gen_random_uuid(), 'session', 'u:1', 'analytics.session.started', '{}', now(), now() - interval '3 h'
       FROM generate_series(1, 12)`,
    );
    await stored.rows(
      `UPDATE analytics_outbox_lanes SET failures = 3, last_error = 'KafkaJSConnectionError: refused',
         last_error_at = now() - interval '5 s', published_at = now() - interval '2 d'
       WHERE lane = (SELECT DISTINCT lane FROM analytics_outbox)`,
    );
  });

  afterAll(() => deployment?.remove());

  it('prints waiting events, failing lanes and missing settings', async () => {
    const { exitCode, output } = await runBuilt(STATUS, [], env);
    expect(exitCode).toBe(0);
    const lines = output.trimEnd().split('\n');
    expect(lines.slice(0, 6)).toEqual([
      expect.stringMatching(/^12 messages wait to be published, the oldest for 3 h\.$/),
      expect.stringMatching(/^Last published 2 d ago \(\S+Z\)\.$/),
      expect.stringMatching(
        /^Publishing fails in 1 of 8 lanes\. The last error was \d+ s ago \(\S+Z\): KafkaJSConnectionError: refused$/,
      ),
      expect.stringMatching(/^KAFKA_BROKERS is not set: /),
      '',
      'lane  waiting  failed attempts  oldest  last published  last error',
    ]);
    expect(lines).toHaveLength(14);
    expect(lines.slice(6).filter((line) => /^ +\d +12 +3  3 h +2 d ago +\d+ s ago$/.test(line))).toHaveLength(
      1,
    );
  });

  it('prints one JSON object and nothing else with --json', async () => {
    const { exitCode, output } = await runBuilt(STATUS, ['--json'], {
      ...env,
      KAFKA_BROKERS: '127.0.0.1:1',
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      waiting: 12,
      failingLanes: 1,
      lastError: { message: 'KafkaJSConnectionError: refused' },
      relayed: true,
      lanes: expect.arrayContaining([expect.objectContaining({ waiting: 12, failures: 3 })]),
    });
  });

  it('rejects unknown options before it connects, and reports an unavailable database without its password', async () => {
    const unavailable = { DATABASE_URL: 'postgresql://someone:a-secret-password@127.0.0.1:1/nothing' };
    const wrong = await runBuilt(STATUS, ['--jsn'], unavailable);
    expect(wrong).toEqual({
      exitCode: 2,
      output:
        "Unknown option '--jsn'\nUsage: npm run outbox:status -- [--json]\nIts help: npm run outbox:status -- --help\n",
    });
    const { exitCode, output } = await runBuilt(STATUS, [], unavailable);
    expect(exitCode).toBe(1);
    expect(output).toContain('cannot reach its database');
    expect(output).not.toMatch(/a-secret-password|\n +at /);
  });
});

describe('dlq:replay', () => {
  let kafka: ProxiedKafka;
  let topic: string;
  let env: Settings;

  beforeAll(async () => {
    kafka = await startKafka();
  });

  beforeEach(async () => {
    topic = `identity-${randomUUID()}`;
    env = { KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC_IDENTITY: topic };
    await produceRaw(kafka.steadyBrokers, topic, [{ key: 'there', value: 'already', partition: 0 }]);
  });

  afterAll(() => kafka.stop());

  function deadLetter(offset: number, reason = 'internal_error'): RawMessage {
    return {
      key: 'user.account.created',
      value: 'personal data',
      partition: 0,
      headers: {
        trace: 'abc',
        'dlq-reason': reason,
        'dlq-detail': `why of ${offset}`,
        'dlq-failed-at': '2025-06-15T04:00:00.000Z',
        'dlq-source-topic': topic,
        'dlq-source-partition': '3',
        'dlq-source-offset': String(offset),
        'dlq-source-timestamp': '2025-06-15T03:59:59.000Z',
      },
    };
  }

  const produceDeadLetters = (letters: readonly RawMessage[]) =>
    produceRaw(kafka.steadyBrokers, `${topic}.dlq`, letters);

  it('lists the dead letters with --dry-run and replays the selected ones', async () => {
    await produceDeadLetters([
      deadLetter(42, 'user_id_invalid'),
      deadLetter(43),
      deadLetter(42, 'user_id_invalid'),
    ]);
    const shown = await runBuilt(REPLAY, ['--dry-run'], env);
    expect(shown.exitCode).toBe(0);
    expect(shown.output.replace(PROGRESS, '').trimEnd().split('\n')).toEqual([
      'source          failed at                 reason                key                       detail',
      '3:42            2025-06-15T04:00:00.000Z  user_id_invalid       user.account.created      why of 42',
      '3:43            2025-06-15T04:00:00.000Z  internal_error        user.account.created      why of 43',
      `2 would be replayed to ${topic}, of 3 dead letters read.`,
      '  1  internal_error',
      '  1  user_id_invalid',
      '1 had the source of another one and was left out.',
    ]);
    const { exitCode, output } = await runBuilt(REPLAY, ['--source=3:42', '--source=3:44'], env);
    expect(exitCode).toBe(0);
    expect(output.replace(PROGRESS, '').trimEnd().split('\n')).toEqual([
      `1 replayed to ${topic}, of 3 dead letters read.`,
      '  1  user_id_invalid',
      '1 had the source of another one and was left out.',
      'No such dead letter: source 3:44.',
      `They stay in ${topic}.dlq too; replaying them again records nothing twice.`,
    ]);
    const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 2 });
    expect(messages.find(({ partition }) => partition === 3)).toEqual({
      topic,
      partition: 3,
      offset: 0,
      key: 'user.account.created',
      payload: 'personal data',
      headers: {
        trace: 'abc',
        'dlq-source-topic': topic,
        'dlq-source-partition': '3',
        'dlq-source-offset': '42',
        'dlq-source-timestamp': '2025-06-15T03:59:59.000Z',
      },
    });
  });

  it('lists at most 100 dead letters', async () => {
    await produceDeadLetters(Array.from({ length: 103 }, (_, offset) => deadLetter(offset)));
    const { exitCode, output } = await runBuilt(REPLAY, ['--dry-run'], env);
    expect(exitCode).toBe(0);
    const lines = output.split('\n');
    expect(lines.filter((line) => line.startsWith('3:'))).toHaveLength(100);
    expect(lines).toContain('… and 3 more');
    expect(output).not.toContain('personal data');
  });

  it('reports an empty dead-letter topic', async () => {
    expect(await runBuilt(REPLAY, [], env)).toEqual({
      exitCode: 0,
      output: `There are no dead letters in ${topic}.dlq.\n`,
    });
  });

  it('exits with 130 on SIGINT and reports its progress', async () => {
    for (let start = 0; start < 10_000; start += 2_000) {
      await produceDeadLetters(Array.from({ length: 2_000 }, (_, i) => deadLetter(start + i)));
    }
    const program = await startBuilt(REPLAY, [], env);
    await waitFor(() => PROGRESS.test(program.output()), 20_000, { what: 'the replay has begun' });
    const started = performance.now();
    program.kill('SIGINT');
    const { exitCode, output } = await program.result(15_000);
    expect(exitCode).toBe(130);
    expect(performance.now() - started).toBeLessThan(5_000);
    const [, replayed, read] =
      /^Interrupted: (\d+) replayed to \S+, of (\d+) dead letters read\.$/m.exec(output) ?? [];
    expect(Number(replayed)).toBeGreaterThan(0);
    expect(Number(replayed)).toBeLessThan(10_000);
    expect(read).toBe(replayed);
    // The topic held one message before the replay.
    const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count: Number(replayed) + 1 });
    expect(messages.filter(({ partition }) => partition === 3).at(-1)).toMatchObject({
      offset: Number(replayed) - 1,
      headers: { 'dlq-source-offset': String(Number(replayed) - 1) },
    });
    await expect(
      readTopicWithKcat(kafka.steadyBrokers, topic, { count: Number(replayed) + 2, timeoutMs: 500 }),
    ).rejects.toThrow('not within');
  });

  it('reports an unavailable broker', async () => {
    const { exitCode, output } = await runBuilt(REPLAY, [], { ...env, KAFKA_BROKERS: '127.0.0.1:1' });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^Reading identity-\S+\.dlq has failed: .*ECONNREFUSED.*\n$/);
  });

  it('exits with 2 on an invalid command line and on missing Kafka settings', async () => {
    const wrong = await runBuilt(REPLAY, ['--since=yesterday'], env);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.output).toMatch(
      /^--since must be an instant with its zone, such as \S+, not "yesterday"\nUsage: /,
    );
    expect(await runBuilt(REPLAY, [], {})).toEqual({
      exitCode: 2,
      output: 'KAFKA_BROKERS is not set: there is no Kafka to read dead letters from\n',
    });
  });
});
