import type { Client } from 'openapi-fetch';
import type { operations, paths } from './schema.js';

/** A client that generators make of the OpenAPI document; its headers carry the token and the internal key. */
export type Api = Client<paths>;

/** The result that every call of `openapi-fetch` resolves with. */
export interface Answer {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

const installId = '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11';
const days = { startDate: '2025-01-01', endDate: '2025-01-15' } as const;
const span = { startTime: '2025-01-15T00:00:00+08:00', endTime: '2025-01-16T00:00:00+08:00' } as const;

/** One call of each operation. An operation without one does not compile. */
export const SAMPLE_CALLS = {
  recordEvents: (api) =>
    api.POST('/analytics/events', {
      body: {
        events: [{ eventName: 'app_session_start', installId, clientTs: 1732685100.25 }],
        sentAt: 1732685160,
      },
    }),
  getDauStats: (api) =>
    api.GET('/analytics/dau', { params: { query: { ...days, province: '广东省', zeroDays: true } } }),
  getRealtimeDau: (api) => api.GET('/analytics/dau/realtime'),
  getActiveUsers: (api) =>
    api.GET('/analytics/active-users', {
      params: { query: { ...days, interval: 'span', breakdown: 'city' } },
    }),
  getRollingActiveUsers: (api) =>
    api.GET('/analytics/rolling-active-users', { params: { query: { ...days, window: 7 } } }),
  getLifecycle: (api) => api.GET('/analytics/lifecycle', { params: { query: days } }),
  getRetention: (api) =>
    api.GET('/analytics/retention', { params: { query: { ...days, cohort: 'new', after: '1,7,30' } } }),
  recordHeartbeat: (api) =>
    api.POST('/presence/heartbeat', { body: { installId, appVersion: '2.4.0', clientTs: 1732685100 } }),
  getOnlineCount: (api) => api.GET('/presence/online-count'),
  getOnlineHistory: (api) =>
    api.GET('/presence/online-history', { params: { query: { ...span, interval: '5m' } } }),
  getDailyOnline: (api) => api.GET('/presence/daily', { params: { query: days } }),
  watchFigures: (api) => api.GET('/live', { parseAs: 'stream' }),
  getServiceStatus: (api) => api.GET('/status'),
  getLiveness: (api) => api.GET('/health/live'),
  getReadiness: (api) => api.GET('/health/ready'),
  getMetrics: (api) => api.GET('/metrics', { parseAs: 'text' }),
  getDauForReporting: (api) =>
    api.GET('/internal/analytics/dau', {
      params: { query: { ...days, changedSince: '2025-01-15T00:00:00Z' } },
    }),
  getActiveUsersForReporting: (api) =>
    api.GET('/internal/analytics/active-users', { params: { query: { ...days, interval: 'month' } } }),
  getRollingActiveUsersForReporting: (api) =>
    api.GET('/internal/analytics/rolling-active-users', { params: { query: days } }),
  getLifecycleForReporting: (api) => api.GET('/internal/analytics/lifecycle', { params: { query: days } }),
  getRetentionForReporting: (api) =>
    api.GET('/internal/analytics/retention', { params: { query: { ...days, cohort: 'active' } } }),
  getOnlineHistoryForReporting: (api) =>
    api.GET('/internal/presence/online-history', { params: { query: span } }),
  getDailyOnlineForReporting: (api) => api.GET('/internal/presence/daily', { params: { query: days } }),
  recordHeartbeats: (api) =>
    api.POST('/internal/presence/heartbeats', { body: { heartbeats: [{ userId: '42', installId }] } }),
} satisfies Record<keyof operations, (api: Api) => Promise<Answer>>;
