import { startGuarded, temporaryDirectory } from '../processes.js';

export const KCAT_HINT =
  'Install it (Debian/Ubuntu: apt-get install kcat; macOS: brew install kcat; or ' +
  '"node tools/install-test-services.mjs")';

/** A message as kcat's JSON envelope shows it. */
export interface KcatMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly payload: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface KcatOutput {
  /** kcat's output, one line for each message */
  readonly lines: readonly string[];
  readonly messages: readonly KcatMessage[];
}

/**
 * Reads messages from the beginning of a topic with kcat, a client in C, in the order of each partition.
 * Bytes that are not UTF-8 become replacement characters.
 *
 * @throws when fewer than `count` messages arrive in time
 */
export async function readTopicWithKcat(
  brokers: string,
  topic: string,
  { count, timeoutMs = 25_000 }: { readonly count: number; readonly timeoutMs?: number },
): Promise<KcatOutput> {
  const kcat = await startGuarded({
    command: 'kcat',
    args: [
      ...['-C', '-J', '-q', '-u', '-b', brokers, '-t', topic, '-o', 'beginning', '-c', String(count)],
      // The default waits half a second for each empty partition.
      ...['-X', 'fetch.wait.max.ms=20'],
    ],
    directory: temporaryDirectory('kcat'),
    stopSignal: 'SIGKILL',
    installHint: `${KCAT_HINT}.`,
  });
  const timer = setTimeout(() => void kcat.kill(), timeoutMs);
  const { code } = await kcat.end();
  clearTimeout(timer);
  const output = kcat.output();
  await kcat.stop();
  if (code !== 0) {
    const why = code === null ? `not within ${timeoutMs} ms` : `exit code ${code}`;
    throw new Error(`kcat does not read ${count} messages of ${topic} (${why}); it wrote:\n${output}`);
  }
  // librdkafka's own messages begin with a percent sign.
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return { lines, messages: lines.map(fromEnvelope) };
}

function fromEnvelope(line: string): KcatMessage {
  const { topic, partition, offset, key, payload, headers } = JSON.parse(line) as Omit<
    KcatMessage,
    'headers'
  > & { readonly headers?: readonly string[] };
  // The list alternates names and values.
  const entries = (headers ?? []).flatMap((name, i, all) => (i % 2 === 0 ? [[name, all[i + 1]]] : []));
  return {
    topic,
    partition,
    offset,
    key,
    payload,
    headers: Object.fromEntries(entries) as Record<string, string>,
  };
}
