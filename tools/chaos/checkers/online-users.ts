import { OnlineUsers } from '../../simulation/bookkeeping/online-users.js';
import type { Check } from '../../simulation/verification/check.js';
import type { History, Operation } from '../history/history.js';
import { endOf, isSuccess } from './event-index.js';
import { checkOf, seconds } from './findings.js';

const NAME = 'online count is right one window later';

/** The online count equals the users with a heartbeat in the window, once no fault lies in it any more. */
export function checkOnlineUsers({ operations, faults, final: { online } }: History): Check[] {
  const windowMs = online.windowSeconds * 1000;
  const lastFaultMs = Math.max(-Infinity, ...faults.map(({ healedMs }) => healedMs));
  if (lastFaultMs > online.sentMs - windowMs) {
    const detail = `a fault at ${seconds(lastFaultMs)} lies in its window: run with a longer --calm`;
    return [{ verdict: 'open', name: NAME, detail, samples: [] }];
  }
  const users = new OnlineUsers();
  for (const operation of operations) addHeartbeat(users, operation);
  const { low, high } = users.expected(online.sentMs, online.answeredMs, windowMs);
  const range = `${String(low)} to ${String(high)} expected`;
  const isRight = online.count >= low && online.count <= high;
  return [
    checkOf(NAME, isRight ? [] : [`${String(online.count)}, ${range}`], `${String(online.count)}, ${range}`),
  ];
}

function addHeartbeat(users: OnlineUsers, operation: Operation): void {
  if (operation.path !== '/presence/heartbeat' || operation.user === undefined) return;
  users.add(operation.user, {
    answered: isSuccess(operation),
    mayHaveArrived: operation.reason !== 'ECONNREFUSED',
    lastEndedMs: endOf(operation),
    answeredSentMs: operation.atMs,
    longestAttemptMs: operation.tookMs,
  });
}
