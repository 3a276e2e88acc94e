import type { Check } from '../../simulation/verification/check.js';
import type { CreatedAccount, History } from '../history/history.js';
import { checkOf } from './findings.js';

export const ACCOUNT_CREATED = 'user_account_created';

/** Returns the accounts that the service had to record, by their user. */
export function announcedAccounts(accounts: History['accounts']): Map<string | null, CreatedAccount> {
  return new Map<string | null, CreatedAccount>(
    accounts.flatMap((account) => (account.isMalformed === true ? [] : [[account.userId, account] as const])),
  );
}

/** Every identity message that Kafka took is recorded once, or it is among the dead letters. */
export function checkAccounts({ accounts, final }: History): Check[] {
  const rows = new Map<string | null, number>();
  for (const { eventName, userId } of final.stored) {
    if (eventName === ACCOUNT_CREATED) rows.set(userId, (rows.get(userId) ?? 0) + 1);
  }
  const isDead = ({ userId }: CreatedAccount): boolean =>
    final.deadLetters.some((value) => value.includes(`"${userId}"`));
  const [good, malformed] = [
    accounts.filter(({ isMalformed }) => isMalformed !== true),
    accounts.filter(({ isMalformed }) => isMalformed === true),
  ];
  const findings = good.flatMap((account) => {
    const count = rows.get(account.userId) ?? 0;
    const isRight = count === 1 || (count === 0 && (!account.isAcknowledged || isDead(account)));
    return isRight ? [] : [`user ${account.userId}: ${String(count)} rows`];
  });
  const lost = malformed
    .filter((account) => account.isAcknowledged && !isDead(account))
    .map(({ userId }) => `${userId} is not among ${String(final.deadLetters.length)} dead letters`);
  return [
    checkOf('every account is recorded once', findings, `${String(good.length)} accounts`),
    checkOf(
      'every malformed identity message is a dead letter',
      lost,
      `${String(malformed.length)} messages`,
    ),
  ];
}
