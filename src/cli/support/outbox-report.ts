import type { OutboxLaneStatus } from '../../application/ports/outbox-lanes.port.js';
import type { OutboxStatus } from '../../application/queries/get-outbox-status/get-outbox-status.query.js';
import { count, duration, oneLine, table } from './texts.js';

const MAX_ERROR_LENGTH = 300;
const NOT_RELAYED =
  'KAFKA_BROKERS is not set: with these settings nothing publishes messages. They wait for a service that has Kafka.';
const LOGGED =
  'KAFKA_BROKERS is not set: with these settings the debug log takes the messages, and no subscriber receives them.';

/** @param now end of the ages in the report */
export function outboxReport(status: OutboxStatus, now: Date): string {
  const { waiting, oldestSeconds, lastPublishedAt, failingLanes, lanes } = status;
  const isLogged = status.target === 'log';
  const taken = isLogged ? 'written to the log' : 'published';
  const when = (instant: Date): string =>
    `${duration((now.getTime() - instant.getTime()) / 1000)} ago (${instant.toISOString()})`;
  const lines = [
    waiting === 0
      ? `No messages wait to be ${taken}.`
      : `${count(waiting, 'message waits', 'messages wait')} to be ${taken}, the oldest for ${duration(oldestSeconds ?? 0)}.`,
    lastPublishedAt === null ? `Nothing has been ${taken} yet.` : `Last ${taken} ${when(lastPublishedAt)}.`,
    ...errorLine(status, when),
  ];
  if (status.target === null) lines.push(NOT_RELAYED);
  if (isLogged) lines.push(LOGGED);
  if (waiting > 0 || failingLanes > 0) lines.push('', laneTable(lanes, now));
  return lines.join('\n');
}

function errorLine(
  { failingLanes, lastError, lanes }: OutboxStatus,
  when: (instant: Date) => string,
): string[] {
  if (lastError === null) return [];
  const error = `${when(lastError.at)}: ${oneLine(lastError.message, MAX_ERROR_LENGTH)}`;
  return failingLanes === 0
    ? [`Publishing works. The last error was ${error}`]
    : [`Publishing fails in ${failingLanes} of ${count(lanes.length, 'lane')}. The last error was ${error}`];
}

function laneTable(lanes: readonly OutboxLaneStatus[], now: Date): string {
  const age = (instant: Date | null): string =>
    instant === null ? '–' : `${duration((now.getTime() - instant.getTime()) / 1000)} ago`;
  return table(
    ['lane', 'waiting', 'failed attempts', 'oldest', 'last published', 'last error'],
    lanes.map((lane) => [
      lane.lane,
      lane.waiting,
      lane.failures,
      lane.oldestSeconds === null ? '–' : duration(lane.oldestSeconds),
      age(lane.publishedAt),
      age(lane.lastErrorAt),
    ]),
  );
}
