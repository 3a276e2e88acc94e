import type { Schemas } from './routes.js';

export type DauStats = Schemas['DauStatsResponseDto'];
export type DauDay = Schemas['DauDayItemDto'];
export type RealtimeDau = Schemas['RealtimeDauResponseDto'];
export type ActiveUsers = Schemas['ActiveUsersResponseDto'];
export type RollingActiveUsers = Schemas['RollingActiveUsersResponseDto'];
export type Lifecycle = Schemas['LifecycleResponseDto'];
export type Retention = Schemas['RetentionResponseDto'];
export type OnlineCount = Schemas['OnlineCountResponseDto'];
export type OnlineHistory = Schemas['OnlineHistoryResponseDto'];
export type OnlinePoint = Schemas['OnlinePointDto'];
export type DailyOnline = Schemas['DailyOnlineResponseDto'];
export type DailyOnlineDay = Schemas['DailyOnlineItemDto'];
export type ServiceStatus = Schemas['ServiceStatusDto'];

/** The event `status` of `GET /live`: readiness, and a state for each pushed figure. */
export type LiveStatus = Schemas['ReadinessDto'] & {
  /** `ok`, or the code of the error that keeps the figure away. */
  readonly figures: Readonly<Record<'online' | 'dau', string>>;
};
