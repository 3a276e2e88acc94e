import { startGuarded, temporaryDirectory, waitFor } from './processes.js';

const INSTALL_HINT =
  'Install it (Debian/Ubuntu: apt-get install kcat; macOS: brew install kcat; or ' +
  '"node scripts/install-test-services.mjs"), or set KAFKA_BROKERS to a cluster for tests.';

export interface TestKafka {
  /** `host:port`, comma-separated */
  readonly brokers: string;
  /** Freezes the brokers: connections stay open and nothing is answered. Only for a mock cluster. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/**
 * A Kafka to talk to: the cluster that KAFKA_BROKERS names, else librdkafka's mock cluster of three brokers, a real
 * TCP peer with produce, fetch and consumer groups. It has no CreateTopics: a topic appears when it is first used, with
 * four partitions. Nothing survives its end.
 */
export async function startKafkaMock(): Promise<TestKafka> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined && given !== '')
    return { brokers: given, pause: notOurs, resume: notOurs, stop: async () => {} };
  const kcat = await startGuarded({
    command: 'kcat',
    args: ['-b', '127.0.0.1:1', '-X', 'test.mock.num.brokers=3', '-d', 'mock', '-P', '-t', 'boot'],
    directory: temporaryDirectory('kafka'),
    // It does not end on SIGTERM while its standard input is open.
    stopSignal: 'SIGKILL',
    installHint: INSTALL_HINT,
  });
  try {
    const [, brokers] = await waitFor(
      () => /bootstrap\.servers=([^\s,]+:\d+(?:,[^\s,]+:\d+)*)/.exec(kcat.output()),
      10_000,
      {
        what: 'kcat names the brokers of its mock cluster',
      },
    );
    return {
      brokers: brokers ?? '',
      pause: () => kcat.signal('SIGSTOP'),
      resume: () => kcat.signal('SIGCONT'),
      stop: () => kcat.stop(),
    };
  } catch (error) {
    const output = kcat.output();
    await kcat.stop();
    throw new Error(`kcat brings up no mock cluster; it wrote:\n${output}`, { cause: error });
  }
}

function notOurs(): never {
  throw new Error('The brokers that KAFKA_BROKERS names cannot be paused.');
}
