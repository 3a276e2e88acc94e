import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { ActiveUsersResult } from '../../application/queries/get-active-users/get-active-users.query.js';
import type { LifecycleResult } from '../../application/queries/get-lifecycle/get-lifecycle.query.js';
import type { RetentionResult } from '../../application/queries/get-retention/get-retention.query.js';
import type { RollingActiveUsersResult } from '../../application/queries/get-rolling-active-users/get-rolling-active-users.query.js';
import { Public } from '../../shared/decorators/public.decorator.js';
import type { ErrorCode } from '../../shared/exceptions/error-catalogue.js';
import { InternalGuard } from '../../shared/guards/internal.guard.js';
import {
  QueryActiveUsersDto,
  QueryLifecycleDto,
  QueryRetentionDto,
  QueryRollingActiveUsersDto,
} from '../dto/request/query-actives.dto.js';
import {
  toActiveUsersQuery,
  toLifecycleQuery,
  toRetentionQuery,
  toRollingActiveUsersQuery,
} from '../dto/request/actives-queries.js';
import {
  ACTIVE_USERS_FIGURES,
  LIFECYCLE_FIGURES,
  RETENTION_FIGURES,
  ROLLING_ACTIVE_USERS_FIGURES,
} from '../dto/response/actives.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { Figures } from '../http/figures/figures.decorator.js';
import { KnownParametersGuard } from '../validators/known-parameters.guard.js';
import { INTERNAL_READ_PROBLEMS } from './route-problems.js';

const PROBLEMS: readonly ErrorCode[] = [
  'request_invalid',
  'date_range_invalid',
  'overloaded',
  ...INTERNAL_READ_PROBLEMS,
];

/** The figures of ActivesController, for other services of the platform. */
@ApiTags('Internal')
@ApiSecurity('internal-key')
@Controller('internal/analytics')
@Public()
@UseGuards(InternalGuard, KnownParametersGuard)
export class InternalActivesController {
  constructor(private readonly queryBus: QueryBus) {}

  @Get('active-users')
  @ApiOperation({
    summary: 'Active, new and returning users of days, weeks, months or a span · 区间活跃用户',
  })
  @Figures(ACTIVE_USERS_FIGURES)
  @ApiProblems('/internal/analytics/active-users', PROBLEMS)
  async getActiveUsersForReporting(@Query() query: QueryActiveUsersDto): Promise<ActiveUsersResult> {
    return this.queryBus.execute(toActiveUsersQuery(query));
  }

  @Get('rolling-active-users')
  @ApiOperation({ summary: 'Active users of the window that ends on each day · 滚动窗口活跃用户' })
  @Figures(ROLLING_ACTIVE_USERS_FIGURES)
  @ApiProblems('/internal/analytics/rolling-active-users', PROBLEMS)
  async getRollingActiveUsersForReporting(
    @Query() query: QueryRollingActiveUsersDto,
  ): Promise<RollingActiveUsersResult> {
    return this.queryBus.execute(toRollingActiveUsersQuery(query));
  }

  @Get('lifecycle')
  @ApiOperation({
    summary: 'New, returning, resurrected and dormant users of each day · 新增、留存、回流与沉默',
  })
  @Figures(LIFECYCLE_FIGURES)
  @ApiProblems('/internal/analytics/lifecycle', PROBLEMS)
  async getLifecycleForReporting(@Query() query: QueryLifecycleDto): Promise<LifecycleResult> {
    return this.queryBus.execute(toLifecycleQuery(query));
  }

  @Get('retention')
  @ApiOperation({ summary: 'How many of each day’s users come back so many days later · 留存' })
  @Figures(RETENTION_FIGURES)
  @ApiProblems('/internal/analytics/retention', PROBLEMS)
  async getRetentionForReporting(@Query() query: QueryRetentionDto): Promise<RetentionResult> {
    return this.queryBus.execute(toRetentionQuery(query));
  }
}
