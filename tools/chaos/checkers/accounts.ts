import type { Check } from '../../simulation/verification/check.js';
import type { History } from '../history/history.js';
import { checkOf } from './findings.js';

export const ACCOUNT_CREATED = 'user_account_created';

/** Every account that Kafka took from the Identity service is recorded once. */
export function checkAccounts({ accounts, final }: History): Check[] {
  const rows = new Map<string | null, number>();
  for (const { eventName, userId } of final.stored) {
    if (eventName === ACCOUNT_CREATED) rows.set(userId, (rows.get(userId) ?? 0) + 1);
  }
  const findings = accounts.flatMap(({ userId, isAcknowledged }) => {
    const count = rows.get(userId) ?? 0;
    const isRight = count === 1 || (count === 0 && !isAcknowledged);
    return isRight ? [] : [`user ${userId}: ${String(count)} rows`];
  });
  return [checkOf('every account is recorded once', findings, `${String(accounts.length)} accounts`)];
}
