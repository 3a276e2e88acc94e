import { isDeepStrictEqual } from 'node:util';
import { placeNames } from '../../../src/domain/value-objects/place-names.vo.js';
import type { Check } from '../../simulation/verification/check.js';
import type { AppliedFault, CreatedAccount, History, StoredEvent } from '../history/history.js';
import { ACCOUNT_CREATED, announcedAccounts } from './accounts.js';
import { endOf, indexEvents, type Attempt } from './event-index.js';
import { checkOf, seconds } from './findings.js';

/** The clock error above which the service corrects event times by `sentAt`. */
const CORRECTED_ABOVE_MS = 300_000;
/** A request without an answer may have been handled this long after the client gave it up. */
const HANDLED_WITHIN_MS = 15_000;
const ROUNDING_MS = 1;
/** The install of an account whose message names none. */
const NO_INSTALL = 'identity-service';
const PLACES = placeNames('canonical');

/** Every stored event has the fields of an attempt to send it, and every account those of its message. */
export function checkStoredFields({ operations, accounts, faults, final }: History): Check[] {
  const index = indexEvents(operations);
  const announced = announcedAccounts(accounts);
  const findings: string[] = [];
  for (const row of final.stored) {
    if (row.eventName === ACCOUNT_CREATED) {
      const account = announced.get(row.userId);
      const reason = account && accountDifference(row, account);
      if (reason !== undefined) findings.push(`account of user ${String(row.userId)}: ${reason}`);
      continue;
    }
    const attempts = index.get(row.eventId) ?? [];
    if (attempts.length === 0) continue;
    const reasons = attempts.map((attempt) => differenceOf(row, attempt));
    if (reasons.includes(undefined)) continue;
    const [attempt] = attempts;
    const clock = attempts.some((each) => clockWasOff(faults, each))
      ? ', the clock of the replica was off'
      : '';
    findings.push(
      `${row.eventId} sent at ${seconds(attempt?.operation.atMs ?? 0)}: ${String(reasons[0])}${clock}`,
    );
  }
  return [checkOf('every stored event has its fields', findings, `${String(final.stored.length)} rows`)];
}

function differenceOf(row: StoredEvent, attempt: Attempt): string | undefined {
  const { event, operation } = attempt;
  const expected = {
    eventName: event['eventName'],
    installId: event['installId'],
    userId: event['userId'] ?? operation.user ?? null,
    properties: withNamedPlaces(event['properties']),
  };
  const difference = fieldDifference(row, expected);
  if (difference !== undefined) return difference;
  return isPossibleTime(row.eventMs, attempt)
    ? undefined
    : `its time is ${seconds(row.eventMs - Number(event['clientTs']) * 1000)} from the device's`;
}

function accountDifference(row: StoredEvent, { occurredMs }: CreatedAccount): string | undefined {
  const difference = fieldDifference(row, { installId: NO_INSTALL, properties: null });
  if (difference !== undefined || occurredMs === undefined) return difference;
  return Math.abs(row.eventMs - occurredMs) <= ROUNDING_MS
    ? undefined
    : `its time is ${seconds(row.eventMs - occurredMs)} from the message's`;
}

function fieldDifference(
  row: StoredEvent,
  expected: Partial<Record<keyof StoredEvent, unknown>>,
): string | undefined {
  const differing = Object.entries(expected).find(
    ([name, value]) => !isDeepStrictEqual(row[name as keyof StoredEvent], value),
  );
  if (differing === undefined) return undefined;
  const [name, value] = differing;
  const stored = row[name as keyof StoredEvent];
  return `${name} is ${JSON.stringify(stored)} instead of ${JSON.stringify(value)}`;
}

/** Names the places of an event as the service does, which stores one name for all spellings. */
function withNamedPlaces(properties: unknown): unknown {
  if (typeof properties !== 'object' || properties === null) return null;
  const named: Record<string, unknown> = { ...properties };
  const { province, city } = named;
  const provinceName = typeof province === 'string' ? PLACES.province(province) : '';
  if (typeof province === 'string') named['province'] = provinceName;
  if (typeof city === 'string') named['city'] = PLACES.city(city, provinceName);
  return named;
}

/** The service takes the device's time, or corrects it by the error that `sentAt` shows on arrival. */
function isPossibleTime(storedMs: number, { event, operation }: Attempt): boolean {
  const clientMs = Number(event['clientTs']) * 1000;
  const isClose = (low: number, high: number): boolean =>
    storedMs >= low - ROUNDING_MS && storedMs <= high + ROUNDING_MS;
  if (operation.sentAt === undefined) return isClose(clientMs, clientMs);
  const slackMs = 1_500;
  const heldMs = operation.status === undefined ? HANDLED_WITHIN_MS : operation.tookMs;
  const lowestMs = operation.wallMs - slackMs - operation.sentAt * 1000;
  const highestMs = operation.wallMs + heldMs + slackMs - operation.sentAt * 1000;
  const mayBeCorrected = Math.max(Math.abs(lowestMs), Math.abs(highestMs)) > CORRECTED_ABOVE_MS;
  const mayBeKept = Math.min(Math.abs(lowestMs), Math.abs(highestMs)) <= CORRECTED_ABOVE_MS;
  return (
    (mayBeKept && isClose(clientMs, clientMs)) ||
    (mayBeCorrected && isClose(clientMs + lowestMs, clientMs + highestMs))
  );
}

function clockWasOff(faults: readonly AppliedFault[], { operation }: Attempt): boolean {
  return faults.some(
    ({ kind, replica, appliedMs, healedMs }) =>
      kind.startsWith('clock.') &&
      replica === operation.replica &&
      appliedMs <= endOf(operation) &&
      operation.atMs <= healedMs + 1_000,
  );
}
