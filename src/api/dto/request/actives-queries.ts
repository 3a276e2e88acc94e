import { GetActiveUsersQuery } from '../../../application/queries/get-active-users/get-active-users.query.js';
import { GetLifecycleQuery } from '../../../application/queries/get-lifecycle/get-lifecycle.query.js';
import { GetRetentionQuery } from '../../../application/queries/get-retention/get-retention.query.js';
import { GetRollingActiveUsersQuery } from '../../../application/queries/get-rolling-active-users/get-rolling-active-users.query.js';
import {
  toCounts,
  type QueryActiveUsersDto,
  type QueryLifecycleDto,
  type QueryRetentionDto,
  type QueryRollingActiveUsersDto,
} from './query-actives.dto.js';

export function toActiveUsersQuery(query: QueryActiveUsersDto): GetActiveUsersQuery {
  const { startDate, endDate, interval, breakdown, province, city } = query;
  return new GetActiveUsersQuery(startDate, endDate, interval, { breakdown, province, city });
}

export function toRollingActiveUsersQuery(query: QueryRollingActiveUsersDto): GetRollingActiveUsersQuery {
  const { startDate, endDate, window, province, city } = query;
  return new GetRollingActiveUsersQuery(startDate, endDate, Number(window), { province, city });
}

export function toLifecycleQuery({ startDate, endDate }: QueryLifecycleDto): GetLifecycleQuery {
  return new GetLifecycleQuery(startDate, endDate);
}

export function toRetentionQuery({
  startDate,
  endDate,
  cohort,
  after,
}: QueryRetentionDto): GetRetentionQuery {
  return new GetRetentionQuery(startDate, endDate, cohort, toCounts(after));
}
