import { OnlineUsers } from '../../simulation/bookkeeping/online-users.js';
import type { Check } from '../../simulation/verification/check.js';
import type { History, Operation } from '../history/history.js';
import { endOf, isSuccess } from './event-index.js';
import { checkOf, seconds } from './findings.js';

const NAME = 'online count is right one window later';

/**
 * The online count equals the users with a heartbeat in the window. A heartbeat from before the end of the last fault
 * may be lost, as with an empty Redis, so it only widens the range; one window later nothing does.
 */
export function checkOnlineUsers({ operations, faults, final: { online } }: History): Check[] {
  const windowMs = online.windowSeconds * 1000;
  const lastFaultMs = Math.max(-Infinity, ...faults.map(({ healedMs }) => healedMs));
  const users = new OnlineUsers();
  for (const operation of operations) addHeartbeat(users, operation, lastFaultMs);
  const { low, high } = users.expected(online.sentMs, online.answeredMs, windowMs);
  const isWholeWindow = lastFaultMs <= online.sentMs - windowMs;
  const range = `${String(low)} to ${String(high)} expected${isWholeWindow ? '' : `, a fault in the window at ${seconds(lastFaultMs)}`}`;
  const isRight = online.count >= low && online.count <= high;
  return [
    checkOf(NAME, isRight ? [] : [`${String(online.count)}, ${range}`], `${String(online.count)}, ${range}`),
  ];
}

function addHeartbeat(users: OnlineUsers, operation: Operation, lastFaultMs: number): void {
  if (operation.path !== '/presence/heartbeat' || operation.user === undefined) return;
  users.add(operation.user, {
    answered: isSuccess(operation) && operation.atMs > lastFaultMs,
    mayHaveArrived: operation.reason !== 'ECONNREFUSED',
    lastEndedMs: endOf(operation),
    answeredSentMs: operation.atMs,
    longestAttemptMs: operation.tookMs,
  });
}
