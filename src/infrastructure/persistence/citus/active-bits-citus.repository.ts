import { Injectable } from '@nestjs/common';
import type {
  BitsComparison,
  FirstDaysComparison,
  NewUsersComparison,
  WeekComparison,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { compareNewUsers } from '../actives/bits-audit.js';
import { compareFirstDays } from '../actives/first-days-audit.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import type { LongSession } from '../prisma/long-statement.js';
import { ActiveBitsRepositoryImpl } from '../repositories/active-bits.repository.impl.js';
import { addBucketActives } from './add-bucket-actives.js';
import { compareBucketBits } from './bucket-bits-audit.js';
import { COUNT_DAY_BITS_SQL, COUNT_DAY_PLACES_SQL } from './bucket-bits-statements.js';
import { BUCKET_FIRST_DAYS_SQL } from './bucket-first-days-statement.js';
import { BUCKETS } from './buckets.js';

/** Citus sends no set_config to the workers, and a SET LOCAL only where the first of these is set. */
const MEMORY_SQL = [
  `SELECT set_config('citus.propagate_set_commands', 'local', true)`,
  `SET LOCAL work_mem = '64MB'`,
  'SET LOCAL hash_mem_multiplier = 4',
];

/** Dictionary and bits of a Citus cluster are in the bucket of the identity, beside its active set. */
@Injectable()
export class ActiveBitsCitusRepository extends ActiveBitsRepositoryImpl {
  override async compareWithLog(day: DateKey): Promise<BitsComparison | null> {
    return compareBucketBits(this.prisma, day);
  }

  override async compareNewUsers(
    first: DateKey,
    last: DateKey,
    onStep?: (done: number, of: number) => void,
  ): Promise<NewUsersComparison[]> {
    return compareNewUsers(this.prisma, first, last, { buckets: BUCKETS, onStep });
  }

  override async compareFirstDays(
    first: DateKey,
    last: DateKey,
    onStep?: (done: number, of: number) => void,
  ): Promise<FirstDaysComparison> {
    const statements = { sql: BUCKET_FIRST_DAYS_SQL, steps: [[]] };
    return compareFirstDays(this.prisma, first, last, { onStep, statements });
  }

  /** Finds none: nodes unite the days of a span themselves, and a week could not follow builds in two phases. */
  override findWeeks(): Promise<DateKey[]> {
    return Promise.resolve([]);
  }

  override compareWeeks(): Promise<WeekComparison[]> {
    return Promise.resolve([]);
  }

  protected override async setMemory(session: LongSession): Promise<void> {
    for (const sql of MEMORY_SQL) await session.run(sql);
  }

  protected override async addActives(session: LongSession, day: DateKey): Promise<void> {
    await addBucketActives(session, day);
  }

  protected override async countBits(session: LongSession, day: DateKey): Promise<ActiveCount> {
    return toActiveCount([
      ...(await session.run<ActiveCountRow & Record<string, unknown>>(COUNT_DAY_BITS_SQL, day)),
      ...(await session.run<ActiveCountRow & Record<string, unknown>>(COUNT_DAY_PLACES_SQL, day)),
    ]);
  }
}
