// Generated from the controllers and DTOs in src/api by "npm run docs:generate"; do not edit.

export interface paths {
  '/analytics/active-users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Active, new and returning users of days, weeks, months or a span · 区间活跃用户 */
    get: operations['getActiveUsers'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/analytics/dau': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Daily active users by day, province and city · 按日、省、市查询日活 */
    get: operations['getDauStats'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/analytics/dau/realtime': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Today’s active users, live and approximate · 今日实时日活（估算） */
    get: operations['getRealtimeDau'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/analytics/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Report a batch of events · 批量上报事件
     * @description Answers once the accepted events are durable. A bad event never fails its neighbours. Without a token the client is anonymous; with one, a missing `userId` is the token’s. At most 1 MiB, after decompression.
     *
     *     事件落盘后才返回；单个错误事件不影响同批其他事件。无令牌视为匿名；有令牌时，缺省的 `userId` 取自令牌。解压后不超过 1 MiB。
     */
    post: operations['recordEvents'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/analytics/lifecycle': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** New, returning, resurrected and dormant users of each day · 新增、留存、回流与沉默 */
    get: operations['getLifecycle'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/analytics/retention': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How many of each day’s users come back so many days later · 留存 */
    get: operations['getRetention'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/analytics/rolling-active-users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Active users of the window that ends on each day · 滚动窗口活跃用户 */
    get: operations['getRollingActiveUsers'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Liveness of the process alone · 进程存活 */
    get: operations['getLiveness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Readiness, with the state of each dependency · 就绪状态与各依赖 */
    get: operations['getReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/analytics/active-users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Active, new and returning users of days, weeks, months or a span · 区间活跃用户 */
    get: operations['getActiveUsersForReporting'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/analytics/dau': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Daily active users, for the reporting service · 供报表服务查询日活 */
    get: operations['getDauForReporting'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/analytics/lifecycle': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** New, returning, resurrected and dormant users of each day · 新增、留存、回流与沉默 */
    get: operations['getLifecycleForReporting'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/analytics/retention': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How many of each day’s users come back so many days later · 留存 */
    get: operations['getRetentionForReporting'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/analytics/rolling-active-users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Active users of the window that ends on each day · 滚动窗口活跃用户 */
    get: operations['getRollingActiveUsersForReporting'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/presence/daily': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Users online by day, for the reporting service · 供报表服务查询每日在线峰值与均值 */
    get: operations['getDailyOnlineForReporting'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/presence/heartbeats': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Report the heartbeats of many users · 网关批量上报心跳
     * @description For gateways that hold the connections of users. A bad heartbeat never fails its neighbours. After a 503 send all again: nothing was acknowledged, and a repeated heartbeat counts once.
     *
     *     供持有用户连接的网关使用；单个错误心跳不影响其他。返回 503 时整批重发即可，重复心跳只计一次。
     */
    post: operations['recordHeartbeats'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal/presence/online-history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** History of users online, for the reporting service · 供报表服务查询在线历史 */
    get: operations['getOnlineHistoryForReporting'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Figures pushed as they change · 实时推送指标
     * @description Server-sent events: `online` every 5 s, `dau` when it changes, `status` when a dependency or a figure becomes unavailable or comes back, `end` with a reason before the stream ends. Comments keep the connection alive.
     *
     *     服务器推送事件：`online` 每 5 秒一次，`dau` 有变化时，`status` 在依赖或指标状态变化时，`end` 在连接结束前说明原因。
     */
    get: operations['watchFigures'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Prometheus metrics; restrict this route to your network · 监控指标 */
    get: operations['getMetrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/presence/daily': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Peak and mean of users online by day (PCU, ACU), and the record · 每日最高与平均在线、历史最高
     * @description From the snapshots of each minute. Today, and yesterday until 01:00, are provisional.
     *
     *     由每分钟快照计算；今日及 01:00 前的昨日为暂定值。
     */
    get: operations['getDailyOnline'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/presence/heartbeat': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Report a heartbeat · 上报心跳
     * @description Send it every 60 s while the app is in the foreground. Logged-in users only.
     *
     *     应用在前台时每 60 秒上报一次，仅限登录用户。
     */
    post: operations['recordHeartbeat'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/presence/online-count': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How many users are online now · 当前在线人数 */
    get: operations['getOnlineCount'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/presence/online-history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How many users were online, by minute or longer interval · 在线人数历史 */
    get: operations['getOnlineHistory'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How the parts of the service are: dependencies, outbox, consumer lag · 服务各部分状态
     * @description For people who watch the service; load balancers ask `/health/ready`. A part that does not answer is `unknown`, and the answer is 200 all the same.
     *
     *     供人查看；负载均衡请用 `/health/ready`。某部分无响应时为 `unknown`，仍返回 200。
     */
    get: operations['getServiceStatus'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ActiveUsersItemDto: {
      /**
       * @description Distinct users active on at least one of the days · 区间内去重活跃用户
       * @example 12840
       */
      activeCount: number;
      /**
       * @description With `breakdown=city` · 仅限 `breakdown=city`
       * @example {
       *       "深圳市": 1900,
       *       "杭州市": 1300
       *     }
       */
      byCity?: {
        [key: string]: number;
      };
      /**
       * @description With `breakdown=province`; who was seen in two provinces counts in both · 两省各计一次
       * @example {
       *       "广东省": 4100,
       *       "浙江省": 2400
       *     }
       */
      byProvince?: {
        [key: string]: number;
      };
      /**
       * Format: date
       * @description Last day of the whole interval · 区间末日
       * @example 2025-01-12
       */
      endDate: string;
      /**
       * @description False while a day up to the last one may still change · 是否已定稿
       * @example true
       */
      isFinal: boolean;
      /**
       * @description Those whose first active day of all lies in the interval · 其中首次活跃者
       * @example 1930
       */
      newCount: number;
      /**
       * @description Active and not new · 其中非新增者
       * @example 10910
       */
      returningCount: number;
      /**
       * Format: date
       * @description First day of the whole interval · 区间首日
       * @example 2025-01-06
       */
      startDate: string;
    };
    ActiveUsersResponseDto: {
      /**
       * Format: date-time
       * @description When a day that the figures are made of was last counted; null before the first time · 所依据的日期最近一次统计的时刻；首次之前为 null
       * @example 2025-01-15T17:00:00.123Z
       */
      calculatedAt: string | null;
      /** @description Whole intervals, ascending; one that has not begun is absent · 完整区间，升序 */
      data: components['schemas']['ActiveUsersItemDto'][];
      /**
       * Format: date
       * @description Last day of the answer up to which only late events or an import may change a figure; it may lie before all of them · 截至该日的数字已定稿，仅迟到事件或导入会改变；可能早于所有日期
       * @example 2025-01-14
       */
      finalThrough: string;
      /**
       * @example week
       * @enum {string}
       */
      interval: 'day' | 'week' | 'month' | 'span';
      /**
       * @description Number of entries in data · data 的条数
       * @example 1
       */
      total: number;
    };
    BatchEventsDto: {
      events: components['schemas']['EventItemDto'][];
      /**
       * Format: double
       * @description The device’s clock at the moment of this very attempt to send, Unix seconds; a retry sends a new one. Lets a clock that is more than 5 minutes off be corrected · 本次发送时的设备时钟，用于校正
       * @example 1732685160
       */
      sentAt?: number;
    };
    ConsumerReadingDto: {
      /**
       * Format: date-time
       * @description Instant of the reading, at most ten seconds old · 读数时刻，至多十秒前
       * @example 2025-01-15T10:30:00.000Z
       */
      asOf: string;
      /**
       * @description Identity messages that no replica has committed yet · 尚未被任何副本提交的身份消息数
       * @example 0
       */
      lagMessages: number | null;
      /**
       * @description `unknown`: the part that holds the figure did not answer · `unknown`：对应部分无响应
       * @example ok
       * @enum {string}
       */
      state: 'ok' | 'unknown';
    };
    DailyOnlineItemDto: {
      /**
       * Format: double
       * @description ACU: the mean of the day’s minute snapshots; absent without any · 平均同时在线，无快照则缺省
       * @example 842.37
       */
      average?: number;
      /**
       * Format: date
       * @example 2025-01-15
       */
      day: string;
      /**
       * @description False for today, and for yesterday until 01:00 · 今日及 01:00 前的昨日为 false
       * @example true
       */
      isFinal: boolean;
      /**
       * @description Minutes of the day, up to now, without a snapshot: the service was down · 当日至今缺快照的分钟数
       * @example 2
       */
      missedMinutes: number;
      /** @description PCU: the largest of the day’s minute snapshots; absent without any · 最高同时在线，无快照则缺省 */
      peak?: components['schemas']['OnlinePeakDto'];
      /**
       * @description Minutes with a snapshot; 0 after an outage of the whole day · 有快照的分钟数
       * @example 1438
       */
      samples: number;
    };
    DailyOnlineResponseDto: {
      /** @description Ascending; absent are days before the first snapshot of all time and in the future · 按日升序，首个快照之前及未来之日缺省 */
      data: components['schemas']['DailyOnlineItemDto'][];
      /**
       * Format: date-time
       * @description The last snapshot of the range; null without any · 范围内最后一次快照的时刻
       * @example 2025-01-15T15:59:00.000Z
       */
      lastSnapshotAt: string | null;
      /** @description The highest count of all time, whatever the range; absent before the first snapshot · 历史最高 */
      record?: components['schemas']['OnlinePeakDto'];
      /**
       * @description Number of days in data · data 中的天数
       * @example 1
       */
      total: number;
    };
    DauDayItemDto: {
      /**
       * @example {
       *       "深圳市": 900,
       *       "杭州市": 800
       *     }
       */
      byCity: {
        [key: string]: number;
      };
      /**
       * @description A user seen in two provinces counts in both · 出现在两省者两省各计一次
       * @example {
       *       "广东省": 2100,
       *       "浙江省": 1400
       *     }
       */
      byProvince: {
        [key: string]: number;
      };
      /**
       * Format: date-time
       * @description When the day was counted; null for a day that never had an active · 统计时刻；从无活跃之日为 null
       * @example 2025-01-15T17:00:00.123Z
       */
      calculatedAt: string | null;
      /**
       * @description Distinct users, and installs without a logged-in user · 去重用户数（未登录时按安装计）
       * @example 5678
       */
      dauCount: number;
      /**
       * Format: date
       * @example 2025-01-15
       */
      day: string;
      /**
       * @description False until the day was calculated at 01:00 of the next one; late events may still raise `version` · 次日 01:00 计算后为 true；迟到事件仍可能使 `version` 上升
       * @example true
       */
      isFinal: boolean;
      /**
       * @description Rises when a recalculation changes a figure; 0 before the first. Figures of a provisional day may be newer · 重算使数字变化时上升，首次计算前为 0
       * @example 25
       */
      version: number;
    };
    DauStatsResponseDto: {
      /** @description Ascending. Past days as last calculated, today as of now; a day without actives is absent, or 0 with `zeroDays` · 按日升序，无活跃之日缺省，`zeroDays` 时为 0 */
      data: components['schemas']['DauDayItemDto'][];
      /**
       * @description Number of days in data · data 中的天数
       * @example 1
       */
      total: number;
    };
    DependencyStatusDto: {
      /** @example database */
      name: string;
      /**
       * Format: date-time
       * @description Start of this status, as the answering replica has seen it since its own start · 该状态的起始时刻（以应答副本所见为准）
       * @example 2025-01-15T08:00:00.000Z
       */
      since: string;
      /**
       * @example up
       * @enum {string}
       */
      status: 'up' | 'down';
    };
    /**
     * @description Stable; branch on this · 稳定不变，请据此分支
     * @enum {string}
     */
    ErrorCode:
      | 'request_malformed'
      | 'request_invalid'
      | 'batch_invalid'
      | 'install_id_invalid'
      | 'install_id_constant'
      | 'date_range_invalid'
      | 'time_range_invalid'
      | 'token_missing'
      | 'token_expired'
      | 'token_invalid'
      | 'internal_key_invalid'
      | 'role_missing'
      | 'route_not_found'
      | 'method_not_allowed'
      | 'request_timeout'
      | 'body_too_large'
      | 'content_type_unsupported'
      | 'request_refused'
      | 'rate_limited'
      | 'live_streams_exceeded'
      | 'headers_too_large'
      | 'internal_error'
      | 'shutting_down'
      | 'overloaded'
      | 'database_unavailable'
      | 'database_too_slow'
      | 'answer_too_slow'
      | 'realtime_dau_unverified'
      | 'redis_unavailable';
    /**
     * @description Stable; see docs/errors.md · 稳定不变，见 docs/errors.md
     * @enum {string}
     */
    EventErrorCode:
      | 'install_id_invalid'
      | 'install_id_constant'
      | 'event_invalid'
      | 'event_name_invalid'
      | 'user_id_invalid'
      | 'user_id_mismatch'
      | 'event_id_invalid'
      | 'event_id_constant'
      | 'client_ts_invalid'
      | 'event_in_future'
      | 'event_too_old'
      | 'day_closed'
      | 'properties_invalid';
    EventItemDto: {
      /**
       * Format: double
       * @description Time of the event by the device’s clock: Unix seconds, fractions allowed · 设备时钟的 Unix 秒，可带小数
       * @example 1732685100.25
       */
      clientTs: number;
      /**
       * Format: uuid
       * @description Any UUID, chosen once for the event. Sent again with the same clientTs, the event is counted as a duplicate and not stored. No constant such as the nil UUID · 事件的幂等键，重发时不变
       * @example 0193560a-7c22-7f6a-9d0e-3a1b52c4e7f0
       */
      eventId?: string;
      /**
       * @description Kind of the event. `app_session_start` makes its user active on its day · 事件名，`app_session_start` 计入当日活跃
       * @example app_session_start
       */
      eventName: string;
      /**
       * @description Identifies the installation; usually a UUID. No constant that many devices share, such as the nil UUID · 安装标识，通常为 UUID，不得为多设备共用的常量
       * @example 0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11
       */
      installId: string;
      /**
       * @description At most 32 KiB of JSON, 16 levels deep, 512 keys. Numbers keep their digits. `province` and `city` feed the breakdowns; each province of China is stored under one name · 属性，数字原样保存，province 与 city 用于分省分市统计，各省级行政区统一为一个名称
       * @example {
       *       "os": "Android",
       *       "osVersion": "15",
       *       "appVersion": "2.4.0",
       *       "province": "广东省",
       *       "city": "深圳市"
       *     }
       */
      properties?: {
        [key: string]: unknown;
      };
      /**
       * @description The user who was logged in when the event happened, a decimal string from 1 to 2^63 − 1. Filled from the token when absent; another user than the token’s rejects the event · 事件发生时的登录用户，缺省时取自令牌，与令牌不符则拒绝
       * @example 12345
       */
      userId?: string;
    };
    FieldErrorDto: {
      /** @example startDate */
      field: string;
      /** @example startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01 */
      message: string;
    };
    HeartbeatDto: {
      /**
       * @description Version of the app · 应用版本
       * @example 2.4.0
       */
      appVersion: string;
      /**
       * Format: double
       * @description Unix seconds by the device’s clock; presence uses the server’s · 设备时钟的 Unix 秒；在线判定以服务器时钟为准
       * @example 1732685100
       */
      clientTs: number;
      /**
       * @description As in the events of this installation · 与该安装上报的事件一致
       * @example 0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11
       */
      installId: string;
    };
    /**
     * @description Stable; see docs/errors.md · 稳定不变，见 docs/errors.md
     * @enum {string}
     */
    HeartbeatErrorCode:
      'install_id_invalid' | 'install_id_constant' | 'heartbeat_invalid' | 'user_id_invalid';
    HeartbeatItemDto: {
      /**
       * @description Version of the app · 应用版本
       * @example 2.4.0
       */
      appVersion?: string;
      /**
       * @description The installation, where the gateway knows it · 安装标识，网关知晓时填写
       * @example 0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11
       */
      installId?: string;
      /**
       * @description The logged-in user, a decimal string from 1 to 2^63 − 1 · 登录用户，十进制字符串
       * @example 12345
       */
      userId: string;
    };
    HeartbeatResponseDto: {
      /** @example true */
      ok: boolean;
      /**
       * Format: int64
       * @description Unix seconds by the server’s clock · 服务器时钟的 Unix 秒
       * @example 1732685101
       */
      serverTs: number;
    };
    HeartbeatsDto: {
      heartbeats: components['schemas']['HeartbeatItemDto'][];
    };
    LifecycleItemDto: {
      /** @example 5678 */
      dauCount: number;
      /**
       * Format: date
       * @example 2025-01-15
       */
      day: string;
      /**
       * @description Active on the day before, and not on this one · 沉默
       * @example 1420
       */
      dormantCount: number;
      /**
       * @description False while a day up to the last one may still change · 是否已定稿
       * @example true
       */
      isFinal: boolean;
      /**
       * @description Active for the first time of all · 首次活跃
       * @example 310
       */
      newCount: number;
      /**
       * @description Returning, and not active on the day before · 回流
       * @example 1204
       */
      resurrectedCount: number;
      /**
       * @description Active and not new · 非首次活跃
       * @example 5368
       */
      returningCount: number;
    };
    LifecycleResponseDto: {
      /**
       * Format: date-time
       * @description When a day that the figures are made of was last counted; null before the first time · 所依据的日期最近一次统计的时刻；首次之前为 null
       * @example 2025-01-15T17:00:00.123Z
       */
      calculatedAt: string | null;
      /** @description Every day of the range up to today, ascending · 截至今日，按日升序 */
      data: components['schemas']['LifecycleItemDto'][];
      /**
       * Format: date
       * @description Last day of the answer up to which only late events or an import may change a figure; it may lie before all of them · 截至该日的数字已定稿，仅迟到事件或导入会改变；可能早于所有日期
       * @example 2025-01-14
       */
      finalThrough: string;
      /**
       * @description Number of entries in data · data 的条数
       * @example 1
       */
      total: number;
    };
    OnlineCountResponseDto: {
      /** @example 1234 */
      count: number;
      /**
       * Format: double
       * @description Share of the users that the count could see; `count / coverage` estimates the total · 计数所覆盖的用户比例
       * @example 1
       */
      coverage: number;
      /**
       * @description True when a part of Redis did not answer: at least `count` users are online · Redis 部分节点无响应时为 true，此时 count 为下限
       * @example false
       */
      isPartial: boolean;
      /**
       * Format: date-time
       * @example 2025-01-15T10:30:00.000Z
       */
      queriedAt: string;
      /**
       * @description A user is online when the last heartbeat is younger than this · 在线窗口（秒）
       * @example 180
       */
      windowSeconds: number;
    };
    OnlineHistoryResponseDto: {
      /** @description Ascending; a bucket without a snapshot is absent · 升序，无快照的时间桶缺省 */
      data: components['schemas']['OnlinePointDto'][];
      /**
       * @example 5m
       * @enum {string}
       */
      interval: '1m' | '5m' | '1h';
      /** @description Absent when there is no data · 无数据时缺省 */
      peak?: components['schemas']['OnlinePeakDto'];
      /**
       * @description Number of points in data · data 中的点数
       * @example 1
       */
      total: number;
    };
    OnlinePeakDto: {
      /** @example 1702 */
      onlineCount: number;
      /**
       * Format: date-time
       * @description The first minute with the highest count · 首个峰值分钟
       * @example 2025-01-15T12:03:00.000Z
       */
      ts: string;
    };
    OnlinePointDto: {
      /**
       * Format: double
       * @example 1250.4
       */
      avg: number;
      /** @example 1320 */
      max: number;
      /** @example 1180 */
      min: number;
      /**
       * @description The bucket’s maximum · 桶内最大值
       * @example 1320
       */
      onlineCount: number;
      /**
       * @description Minutes with a snapshot; fewer than the bucket has when the service was down · 有快照的分钟数
       * @example 5
       */
      samples: number;
      /**
       * Format: date-time
       * @description Start of the bucket · 时间桶起点
       * @example 2025-01-15T10:30:00.000Z
       */
      ts: string;
    };
    OutboxReadingDto: {
      /**
       * Format: date-time
       * @description Instant of the reading, at most ten seconds old · 读数时刻，至多十秒前
       * @example 2025-01-15T10:30:00.000Z
       */
      asOf: string;
      /**
       * @description Lanes whose last attempt to publish failed · 最近一次发布失败的通道数
       * @example 0
       */
      failingLanes: number | null;
      /**
       * Format: double
       * @description Age of the oldest waiting message in seconds; null when none waits · 最早待发布消息的等待秒数
       * @example 0.4
       */
      oldestSeconds: number | null;
      /**
       * @description `unknown`: the part that holds the figure did not answer · `unknown`：对应部分无响应
       * @example ok
       * @enum {string}
       */
      state: 'ok' | 'unknown';
      /**
       * @description Takes the messages; null: nothing does, and they wait · 消息去向；null 表示无去向，消息等待
       * @example kafka
       * @enum {string|null}
       */
      target: 'kafka' | 'log' | null;
      /**
       * @description Messages that wait to be published, counted up to 100,000 · 待发布消息数，最多计到十万
       * @example 3
       */
      waiting: number | null;
    };
    ProblemDto: {
      /**
       * @description Stable; branch on this · 稳定不变，请据此分支
       * @example request_invalid
       */
      code: components['schemas']['ErrorCode'];
      /** @example startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01 */
      detail: string;
      errors?: components['schemas']['FieldErrorDto'][];
      /** @example /analytics/dau */
      instance: string;
      /**
       * @description The `X-Request-Id` of the answer · 应答的 `X-Request-Id`
       * @example 019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55
       */
      requestId: string;
      /** @example 400 */
      status: number;
      /** @example Bad Request */
      title: string;
      /**
       * Format: uri
       * @example urn:problem:analytics-presence:request_invalid
       */
      type: string;
    };
    ReadinessDto: {
      /**
       * @description `off`: the clock of this machine is more than 5 s from the stores’ clock, which the service goes by · `off`：本机时钟与存储的时钟相差超过 5 秒，服务以存储的时钟为准
       * @example ok
       * @enum {string}
       */
      clock: 'ok' | 'off';
      /**
       * @example {
       *       "database": "up",
       *       "redis": "up",
       *       "kafka": "down"
       *     }
       */
      dependencies: {
        [key: string]: 'up' | 'down';
      };
      /**
       * @description `degraded`: the service does its job although a dependency is missing or the clock is off; `shutting_down`: it still serves and ends soon · `degraded`：缺少依赖或时钟有偏差，仍可工作；`shutting_down`：仍在服务，即将停止
       * @example ok
       * @enum {string}
       */
      status: 'ok' | 'degraded' | 'unavailable' | 'shutting_down';
    };
    RealtimeDauResponseDto: {
      /** @example 5671 */
      dauCount: number;
      /**
       * Format: date
       * @description Today in Asia/Shanghai · 今日
       * @example 2025-01-15
       */
      day: string;
      /**
       * @example hyperloglog
       * @enum {string}
       */
      method: 'hyperloglog';
      /**
       * Format: date-time
       * @example 2025-01-15T10:30:00.000Z
       */
      queriedAt: string;
      /**
       * Format: double
       * @description Relative standard error of the estimate · 相对标准误差
       * @example 0.0081
       */
      standardError: number;
    };
    RecordEventsResponseDto: {
      /**
       * @description Stored durably · 已落盘
       * @example 2
       */
      accepted: number;
      /**
       * @description Stored before, under the same eventId · 重复
       * @example 0
       */
      duplicates: number;
      /**
       * @example [
       *       "Event[3]: installId must be a text of 8 to 128 characters, it is \"1234567\": send the id that the app made when it was installed"
       *     ]
       */
      errors?: string[];
      /**
       * @description Rejected; sending them again unchanged is pointless · 被拒绝，原样重发无意义
       * @example 1
       */
      failed: number;
      rejected?: components['schemas']['RejectedEventDto'][];
    };
    RecordHeartbeatsResponseDto: {
      /**
       * @description Stored and handed to Kafka’s buffer · 已记录并进入发布缓冲
       * @example 999
       */
      accepted: number;
      /**
       * @description Rejected; sending them again unchanged is pointless · 被拒绝，原样重发无意义
       * @example 1
       */
      failed: number;
      rejected?: components['schemas']['RejectedHeartbeatDto'][];
      /**
       * Format: int64
       * @description Unix seconds by the server’s clock · 服务器时钟的 Unix 秒
       * @example 1732685101
       */
      serverTs: number;
    };
    RejectedEventDto: {
      /**
       * @description Stable; see docs/errors.md · 稳定不变，见 docs/errors.md
       * @example install_id_invalid
       */
      code: components['schemas']['EventErrorCode'];
      /** @example 0193560a-7c22-7f6a-9d0e-3a1b52c4e7f0 */
      eventId?: string;
      /** @example installId */
      field?: string;
      /**
       * @description Position in the batch, from 0 · 批内位置，从 0 起
       * @example 3
       */
      index: number;
      /** @example installId must be a text of 8 to 128 characters, it is "1234567": send the id that the app made when it was installed */
      message: string;
    };
    RejectedHeartbeatDto: {
      /**
       * @description Stable; see docs/errors.md · 稳定不变，见 docs/errors.md
       * @example user_id_invalid
       */
      code: components['schemas']['HeartbeatErrorCode'];
      /** @example userId */
      field?: string;
      /**
       * @description Position in the request, from 0 · 请求内位置，从 0 起
       * @example 3
       */
      index: number;
      /** @example userId must be a decimal string from "1" to "9223372036854775807", it is the number 42: send it in quotation marks */
      message: string;
    };
    RetainedDto: {
      /**
       * @description Days after the day · 之后第几天
       * @example 7
       */
      after: number;
      /**
       * @description Those of the cohort active on that day · 当天仍活跃者
       * @example 93
       */
      count: number;
      /**
       * Format: double
       * @description count / cohortSize, four decimals · 留存率
       * @example 0.3
       */
      rate: number;
    };
    RetentionItemDto: {
      /** @example 310 */
      cohortSize: number;
      /**
       * Format: date
       * @example 2025-01-01
       */
      day: string;
      /** @description A day that is not over yet is absent · 未结束之日缺省 */
      retained: components['schemas']['RetainedDto'][];
    };
    RetentionResponseDto: {
      /**
       * Format: date-time
       * @description When a day that the figures are made of was last counted; null before the first time · 所依据的日期最近一次统计的时刻；首次之前为 null
       * @example 2025-01-15T17:00:00.123Z
       */
      calculatedAt: string | null;
      /**
       * @example new
       * @enum {string}
       */
      cohort: 'new' | 'active';
      /** @description Every day of the range up to today, ascending · 截至今日，按日升序 */
      data: components['schemas']['RetentionItemDto'][];
      /**
       * Format: date
       * @description Last day of the answer up to which only late events or an import may change a figure; it may lie before all of them · 截至该日的数字已定稿，仅迟到事件或导入会改变；可能早于所有日期
       * @example 2025-01-14
       */
      finalThrough: string;
      /**
       * @description Number of entries in data · data 的条数
       * @example 1
       */
      total: number;
    };
    RollingActiveUsersItemDto: {
      /**
       * @description Distinct users of the window · 窗口内去重活跃用户
       * @example 31200
       */
      activeCount: number;
      /** @example 5678 */
      dauCount: number;
      /**
       * Format: date
       * @description Last day of the window · 窗口末日
       * @example 2025-01-15
       */
      day: string;
      /**
       * @description False while a day up to the last one may still change · 是否已定稿
       * @example true
       */
      isFinal: boolean;
      /**
       * Format: double
       * @description dauCount / activeCount, four decimals; with a window of 30 only · 粘性，仅 30 天窗口
       * @example 0.182
       */
      stickiness?: number;
    };
    RollingActiveUsersResponseDto: {
      /**
       * Format: date-time
       * @description When a day that the figures are made of was last counted; null before the first time · 所依据的日期最近一次统计的时刻；首次之前为 null
       * @example 2025-01-15T17:00:00.123Z
       */
      calculatedAt: string | null;
      /** @description Every day of the range up to today, ascending · 截至今日，按日升序 */
      data: components['schemas']['RollingActiveUsersItemDto'][];
      /**
       * Format: date
       * @description Last day of the answer up to which only late events or an import may change a figure; it may lie before all of them · 截至该日的数字已定稿，仅迟到事件或导入会改变；可能早于所有日期
       * @example 2025-01-14
       */
      finalThrough: string;
      /**
       * @description Number of entries in data · data 的条数
       * @example 1
       */
      total: number;
      /**
       * @description Days of the window · 窗口天数
       * @example 30
       */
      window: number;
    };
    ServiceStatusDto: {
      /**
       * Format: date-time
       * @description Instant of the reading, at most ten seconds old · 读数时刻，至多十秒前
       * @example 2025-01-15T10:30:00.000Z
       */
      asOf: string;
      /**
       * @description As in `/health/ready` · 含义同 `/health/ready`
       * @example ok
       * @enum {string}
       */
      clock: 'ok' | 'off';
      dependencies: components['schemas']['DependencyStatusDto'][];
      /** @description Null where no Kafka is configured · 未配置 Kafka 时为 null */
      identityConsumer: components['schemas']['ConsumerReadingDto'] | null;
      outbox: components['schemas']['OutboxReadingDto'];
      /**
       * @description As in `/health/ready` · 含义同 `/health/ready`
       * @example ok
       * @enum {string}
       */
      status: 'ok' | 'degraded' | 'unavailable' | 'shutting_down';
    };
  };
  responses: never;
  parameters: {
    /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
    RequestId: string;
  };
  requestBodies: never;
  headers: {
    /** @description Names this answer; send it as `If-None-Match` · 本次应答的标识，可作为 `If-None-Match` 发送 */
    ETag: string;
    /** @description Requests a minute that are allowed · 每分钟允许的请求数 */
    'RateLimit-Limit': number;
    /** @description Requests left in this minute · 本分钟剩余的请求数 */
    'RateLimit-Remaining': number;
    /** @description Seconds until the count starts anew · 距重新计数的秒数 */
    'RateLimit-Reset': number;
    /** @description Names this request in the logs; quote it when you report a problem · 本次请求在日志中的 ID，报告问题时请附上 */
    RequestId: string;
    /** @description Seconds to wait before the same request is sent again · 重试前等待的秒数 */
    'Retry-After': number;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getActiveUsers: {
    parameters: {
      query: {
        /** @description Adds the counts of each place; with `interval=span` only · 按地区细分，仅限 `interval=span` */
        breakdown?: 'province' | 'city';
        /** @description Counts this city alone, such as 深圳市 · 只统计该市，如深圳市 */
        city?: string;
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description Whole days, weeks (from Monday) or months that the range touches, or the range as one span · 按日、周（周一起）、月，或整段 */
        interval: 'day' | 'week' | 'month' | 'span';
        /** @description Counts this province alone, such as 广东省, under any spelling of its name; not together with `city` · 只统计该省，不可与 `city` 同用 */
        province?: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ActiveUsersResponseDto'];
          /**
           * @example startDate,endDate,level,place,activeCount,newCount,returningCount,isFinal,calculatedAt
           *     2025-01-06,2025-01-12,total,,12840,1930,10910,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/analytics/active-users",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/analytics/active-users",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/analytics/active-users",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/analytics/active-users",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/analytics/active-users",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/analytics/active-users",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/analytics/active-users",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getDauStats: {
    parameters: {
      query: {
        /** @description Counts this city alone, such as 深圳市 · 只统计该市，如深圳市 */
        city?: string;
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description Counts this province alone, such as 广东省, under any spelling of its name; not together with `city` · 只统计该省，不可与 `city` 同用 */
        province?: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
        /** @description Answers 0 for a day without actives, up to today · 无活跃之日补 0，至今日止 */
        zeroDays?: boolean;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DauStatsResponseDto'];
          /**
           * @example day,level,place,dauCount,isFinal,version,calculatedAt
           *     2025-01-15,province,广东省,2100,true,25,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/analytics/dau",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/analytics/dau",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/analytics/dau",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/analytics/dau",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/analytics/dau",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/analytics/dau",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:database_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its database at the moment. Send the same request again later.",
           *       "instance": "/analytics/dau",
           *       "code": "database_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getRealtimeDau: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RealtimeDauResponseDto'];
          /**
           * @example day,dauCount,method,standardError,queriedAt
           *     2025-01-15,5671,hyperloglog,0.0081,2025-01-15T10:30:00.000Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/analytics/dau/realtime",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/analytics/dau/realtime",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/analytics/dau/realtime",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/analytics/dau/realtime",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/analytics/dau/realtime",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/analytics/dau/realtime",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `realtime_dau_unverified`, `redis_unavailable`, `database_unavailable`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:realtime_dau_unverified",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The live DAU of today is being compared with the stored events. Send the same request again later.",
           *       "instance": "/analytics/dau/realtime",
           *       "code": "realtime_dau_unverified",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  recordEvents: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['BatchEventsDto'];
      };
    };
    responses: {
      /** @description The verdict on each event; see `rejected` for those refused · 逐条结果，被拒事件见 `rejected` */
      200: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RecordEventsResponseDto'];
        };
      };
      /** @description `batch_invalid`, `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:batch_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "events must be an array of 1 to 1000 events, it is an array of 1001: split the batch",
           *       "instance": "/analytics/events",
           *       "code": "batch_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/analytics/events",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `body_too_large` */
      413: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:body_too_large",
           *       "title": "Payload Too Large",
           *       "status": 413,
           *       "detail": "The body must have at most 1 MiB after decompression, it has more: split the batch",
           *       "instance": "/analytics/events",
           *       "code": "body_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `content_type_unsupported` */
      415: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:content_type_unsupported",
           *       "title": "Unsupported Media Type",
           *       "status": 415,
           *       "detail": "Send the body as application/json, plain or with Content-Encoding: gzip.",
           *       "instance": "/analytics/events",
           *       "code": "content_type_unsupported",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/analytics/events",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/analytics/events",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/analytics/events",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `database_unavailable`, `database_too_slow`, `answer_too_slow`, `overloaded`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:database_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its database at the moment. Send the same request again later.",
           *       "instance": "/analytics/events",
           *       "code": "database_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getLifecycle: {
    parameters: {
      query: {
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LifecycleResponseDto'];
          /**
           * @example day,dauCount,newCount,returningCount,resurrectedCount,dormantCount,isFinal,calculatedAt
           *     2025-01-15,5678,310,5368,1204,1420,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/analytics/lifecycle",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/analytics/lifecycle",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/analytics/lifecycle",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/analytics/lifecycle",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/analytics/lifecycle",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/analytics/lifecycle",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/analytics/lifecycle",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getRetention: {
    parameters: {
      query: {
        /** @description Days after the day, 1 to 366 each, at most 31, with commas · 之后第几天，以逗号分隔 */
        after?: string;
        /** @description Those new on the day, or all active on it · 当日新增，或当日全部活跃 */
        cohort: 'new' | 'active';
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RetentionResponseDto'];
          /**
           * @example cohort,day,cohortSize,after,count,rate,isFinal,calculatedAt
           *     new,2025-01-01,310,7,93,0.3,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/analytics/retention",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/analytics/retention",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/analytics/retention",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/analytics/retention",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/analytics/retention",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/analytics/retention",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/analytics/retention",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getRollingActiveUsers: {
    parameters: {
      query: {
        /** @description Counts this city alone, such as 深圳市 · 只统计该市，如深圳市 */
        city?: string;
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description Counts this province alone, such as 广东省, under any spelling of its name; not together with `city` · 只统计该省，不可与 `city` 同用 */
        province?: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
        /** @description Days of the window that ends on each day, 1 to 366 · 窗口天数 */
        window?: number;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RollingActiveUsersResponseDto'];
          /**
           * @example day,window,activeCount,dauCount,stickiness,isFinal,calculatedAt
           *     2025-01-15,30,31200,5678,0.182,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/analytics/rolling-active-users",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/analytics/rolling-active-users",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/analytics/rolling-active-users",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/analytics/rolling-active-users",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/analytics/rolling-active-users",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/analytics/rolling-active-users",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/analytics/rolling-active-users",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getLiveness: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The process answers · 进程有响应 */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @example ok
             * @enum {string}
             */
            status: 'ok';
          };
        };
      };
      /** @description `request_malformed` */
      400: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_malformed",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "The body is not what its Content-Type and Content-Encoding say: send valid JSON.",
           *       "instance": "/health/live",
           *       "code": "request_malformed",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/health/live",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/health/live",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:shutting_down",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "This instance is stopping. Send the same request again, over a new connection.",
           *       "instance": "/health/live",
           *       "code": "shutting_down",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Status ok or degraded · 状态为 ok 或 degraded */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReadinessDto'];
        };
      };
      /** @description `request_malformed` */
      400: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_malformed",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "The body is not what its Content-Type and Content-Encoding say: send valid JSON.",
           *       "instance": "/health/ready",
           *       "code": "request_malformed",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/health/ready",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/health/ready",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description Status unavailable or shutting_down · 状态为 unavailable 或 shutting_down, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReadinessDto'];
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:shutting_down",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "This instance is stopping. Send the same request again, over a new connection.",
           *       "instance": "/health/ready",
           *       "code": "shutting_down",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getActiveUsersForReporting: {
    parameters: {
      query: {
        /** @description Adds the counts of each place; with `interval=span` only · 按地区细分，仅限 `interval=span` */
        breakdown?: 'province' | 'city';
        /** @description Counts this city alone, such as 深圳市 · 只统计该市，如深圳市 */
        city?: string;
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description Whole days, weeks (from Monday) or months that the range touches, or the range as one span · 按日、周（周一起）、月，或整段 */
        interval: 'day' | 'week' | 'month' | 'span';
        /** @description Counts this province alone, such as 广东省, under any spelling of its name; not together with `city` · 只统计该省，不可与 `city` 同用 */
        province?: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ActiveUsersResponseDto'];
          /**
           * @example startDate,endDate,level,place,activeCount,newCount,returningCount,isFinal,calculatedAt
           *     2025-01-06,2025-01-12,total,,12840,1930,10910,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/internal/analytics/active-users",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/analytics/active-users",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/analytics/active-users",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/analytics/active-users",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/analytics/active-users",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/internal/analytics/active-users",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getDauForReporting: {
    parameters: {
      query: {
        /** @description Leaves the days that were calculated later than this instant, such as 2025-01-15T01:00:00Z · 只返回此时刻之后计算过的日期 */
        changedSince?: string;
        /** @description Counts this city alone, such as 深圳市 · 只统计该市，如深圳市 */
        city?: string;
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description Counts this province alone, such as 广东省, under any spelling of its name; not together with `city` · 只统计该省，不可与 `city` 同用 */
        province?: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
        /** @description Answers 0 for a day without actives, up to today · 无活跃之日补 0，至今日止 */
        zeroDays?: boolean;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DauStatsResponseDto'];
          /**
           * @example day,level,place,dauCount,isFinal,version,calculatedAt
           *     2025-01-15,province,广东省,2100,true,25,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/internal/analytics/dau",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/analytics/dau",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/analytics/dau",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/analytics/dau",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/analytics/dau",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:database_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its database at the moment. Send the same request again later.",
           *       "instance": "/internal/analytics/dau",
           *       "code": "database_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getLifecycleForReporting: {
    parameters: {
      query: {
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LifecycleResponseDto'];
          /**
           * @example day,dauCount,newCount,returningCount,resurrectedCount,dormantCount,isFinal,calculatedAt
           *     2025-01-15,5678,310,5368,1204,1420,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/internal/analytics/lifecycle",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/analytics/lifecycle",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/analytics/lifecycle",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/analytics/lifecycle",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/analytics/lifecycle",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/internal/analytics/lifecycle",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getRetentionForReporting: {
    parameters: {
      query: {
        /** @description Days after the day, 1 to 366 each, at most 31, with commas · 之后第几天，以逗号分隔 */
        after?: string;
        /** @description Those new on the day, or all active on it · 当日新增，或当日全部活跃 */
        cohort: 'new' | 'active';
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RetentionResponseDto'];
          /**
           * @example cohort,day,cohortSize,after,count,rate,isFinal,calculatedAt
           *     new,2025-01-01,310,7,93,0.3,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/internal/analytics/retention",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/analytics/retention",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/analytics/retention",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/analytics/retention",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/analytics/retention",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/internal/analytics/retention",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getRollingActiveUsersForReporting: {
    parameters: {
      query: {
        /** @description Counts this city alone, such as 深圳市 · 只统计该市，如深圳市 */
        city?: string;
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description Counts this province alone, such as 广东省, under any spelling of its name; not together with `city` · 只统计该省，不可与 `city` 同用 */
        province?: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
        /** @description Days of the window that ends on each day, 1 to 366 · 窗口天数 */
        window?: number;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RollingActiveUsersResponseDto'];
          /**
           * @example day,window,activeCount,dauCount,stickiness,isFinal,calculatedAt
           *     2025-01-15,30,31200,5678,0.182,true,2025-01-15T17:00:00.123Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/internal/analytics/rolling-active-users",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/analytics/rolling-active-users",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/analytics/rolling-active-users",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/analytics/rolling-active-users",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/analytics/rolling-active-users",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `overloaded`, `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:overloaded",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service is taking in as many events as it can. Send the same batch again later.",
           *       "instance": "/internal/analytics/rolling-active-users",
           *       "code": "overloaded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getDailyOnlineForReporting: {
    parameters: {
      query: {
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DailyOnlineResponseDto'];
          /**
           * @example day,peakTs,peakOnlineCount,average,samples,missedMinutes,isFinal
           *     2025-01-15,2025-01-15T12:03:00.000Z,1702,842.37,1438,2,true
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/internal/presence/daily",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/presence/daily",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/presence/daily",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/presence/daily",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/presence/daily",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:database_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its database at the moment. Send the same request again later.",
           *       "instance": "/internal/presence/daily",
           *       "code": "database_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  recordHeartbeats: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['HeartbeatsDto'];
      };
    };
    responses: {
      /** @description The verdict on each heartbeat; see `rejected` for those refused · 逐条结果，被拒心跳见 `rejected` */
      200: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RecordHeartbeatsResponseDto'];
        };
      };
      /** @description `batch_invalid`, `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:batch_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "events must be an array of 1 to 1000 events, it is an array of 1001: split the batch",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "batch_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `body_too_large` */
      413: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:body_too_large",
           *       "title": "Payload Too Large",
           *       "status": 413,
           *       "detail": "The body must have at most 1 MiB after decompression, it has more: split the batch",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "body_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `content_type_unsupported` */
      415: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:content_type_unsupported",
           *       "title": "Unsupported Media Type",
           *       "status": 415,
           *       "detail": "Send the body as application/json, plain or with Content-Encoding: gzip.",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "content_type_unsupported",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `redis_unavailable`, `answer_too_slow`, `overloaded`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:redis_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its redis at the moment. Send the same request again later.",
           *       "instance": "/internal/presence/heartbeats",
           *       "code": "redis_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getOnlineHistoryForReporting: {
    parameters: {
      query: {
        /** @description Last instant, excluded · 结束时刻（不含） */
        endTime: string;
        /** @description Width of a bucket; at most 7 days of 1m, 35 days of 5m, 366 days of 1h · 粒度；1m 最多 7 天，5m 最多 35 天，1h 最多 366 天 */
        interval?: '1m' | '5m' | '1h';
        /** @description First instant, included · 起始时刻（含） */
        startTime: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OnlineHistoryResponseDto'];
          /**
           * @example ts,onlineCount,min,avg,max,samples
           *     2025-01-15T10:30:00.000Z,1320,1180,1250.4,1320,5
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `time_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/internal/presence/online-history",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_key_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_key_invalid",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "Send the key of the internal API as \"X-Internal-Api-Key\".",
           *       "instance": "/internal/presence/online-history",
           *       "code": "internal_key_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/internal/presence/online-history",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/internal/presence/online-history",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/internal/presence/online-history",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:database_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its database at the moment. Send the same request again later.",
           *       "instance": "/internal/presence/online-history",
           *       "code": "database_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  watchFigures: {
    parameters: {
      query?: never;
      header?: {
        /** @description Id of the last event received, such as 1736937000; missed readings of up to 5 min are repeated · 上次收到的事件 ID */
        'Last-Event-ID'?: string;
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stream of server-sent events · 服务器推送事件流 */
      200: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/live",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/live",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/live",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `live_streams_exceeded`, `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:live_streams_exceeded",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "At most 50 live streams may be open from one address, and they are: close one of them first",
           *       "instance": "/live",
           *       "code": "live_streams_exceeded",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/live",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/live",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `answer_too_slow`, `overloaded`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:answer_too_slow",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The answer was not ready within 2 s, because a dependency is slow. Send the same request again later.",
           *       "instance": "/live",
           *       "code": "answer_too_slow",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Text format of Prometheus · Prometheus 文本格式 */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      /** @description `request_malformed` */
      400: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_malformed",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "The body is not what its Content-Type and Content-Encoding say: send valid JSON.",
           *       "instance": "/metrics",
           *       "code": "request_malformed",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/metrics",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/metrics",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:shutting_down",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "This instance is stopping. Send the same request again, over a new connection.",
           *       "instance": "/metrics",
           *       "code": "shutting_down",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getDailyOnline: {
    parameters: {
      query: {
        /** @description Last day, included; at most 366 days in all · 结束日（含），最多 366 天 */
        endDate: string;
        /** @description First day, Asia/Shanghai · 起始日（含） */
        startDate: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DailyOnlineResponseDto'];
          /**
           * @example day,peakTs,peakOnlineCount,average,samples,missedMinutes,isFinal
           *     2025-01-15,2025-01-15T12:03:00.000Z,1702,842.37,1438,2,true
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `date_range_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/presence/daily",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/presence/daily",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/presence/daily",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/presence/daily",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/presence/daily",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/presence/daily",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:database_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its database at the moment. Send the same request again later.",
           *       "instance": "/presence/daily",
           *       "code": "database_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  recordHeartbeat: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['HeartbeatDto'];
      };
    };
    responses: {
      /** @description The user is online · 用户在线 */
      200: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HeartbeatResponseDto'];
        };
      };
      /** @description `install_id_invalid`, `install_id_constant`, `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:install_id_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "installId must be a text of 8 to 128 characters, it is \"1234567\": send the id that the app made when it was installed",
           *       "instance": "/presence/heartbeat",
           *       "code": "install_id_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/presence/heartbeat",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `body_too_large` */
      413: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:body_too_large",
           *       "title": "Payload Too Large",
           *       "status": 413,
           *       "detail": "The body must have at most 1 MiB after decompression, it has more: split the batch",
           *       "instance": "/presence/heartbeat",
           *       "code": "body_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `content_type_unsupported` */
      415: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:content_type_unsupported",
           *       "title": "Unsupported Media Type",
           *       "status": 415,
           *       "detail": "Send the body as application/json, plain or with Content-Encoding: gzip.",
           *       "instance": "/presence/heartbeat",
           *       "code": "content_type_unsupported",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/presence/heartbeat",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/presence/heartbeat",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/presence/heartbeat",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `redis_unavailable`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:redis_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its redis at the moment. Send the same request again later.",
           *       "instance": "/presence/heartbeat",
           *       "code": "redis_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getOnlineCount: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OnlineCountResponseDto'];
          /**
           * @example count,windowSeconds,queriedAt
           *     1234,180,2025-01-15T10:30:00.000Z
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/presence/online-count",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/presence/online-count",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/presence/online-count",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/presence/online-count",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/presence/online-count",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/presence/online-count",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `redis_unavailable`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:redis_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its redis at the moment. Send the same request again later.",
           *       "instance": "/presence/online-count",
           *       "code": "redis_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getOnlineHistory: {
    parameters: {
      query: {
        /** @description Last instant, excluded · 结束时刻（不含） */
        endTime: string;
        /** @description Width of a bucket; at most 7 days of 1m, 35 days of 5m, 366 days of 1h · 粒度；1m 最多 7 天，5m 最多 35 天，1h 最多 366 天 */
        interval?: '1m' | '5m' | '1h';
        /** @description First instant, included · 起始时刻（含） */
        startTime: string;
      };
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OnlineHistoryResponseDto'];
          /**
           * @example ts,onlineCount,min,avg,max,samples
           *     2025-01-15T10:30:00.000Z,1320,1180,1250.4,1320,5
           */
          'text/csv': string;
        };
      };
      /** @description Unchanged: `If-None-Match` has the ETag of this answer · 未变化 */
      304: {
        headers: {
          ETag: components['headers']['ETag'];
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `time_range_invalid`, `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:time_range_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "endTime must be at most 7 days after startTime at an interval of 1m, it is 8: ask for less at a time, or for a longer interval",
           *       "instance": "/presence/online-history",
           *       "code": "time_range_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/presence/online-history",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/presence/online-history",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/presence/online-history",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/presence/online-history",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/presence/online-history",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `database_unavailable`, `database_too_slow`, `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:database_unavailable",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The service cannot reach its database at the moment. Send the same request again later.",
           *       "instance": "/presence/online-history",
           *       "code": "database_unavailable",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
  getServiceStatus: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成 */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description State of each part · 各部分状态 */
      200: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ServiceStatusDto'];
        };
      };
      /** @description `request_invalid`, `request_malformed` */
      400: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:request_invalid",
           *       "title": "Bad Request",
           *       "status": 400,
           *       "detail": "startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01",
           *       "instance": "/status",
           *       "code": "request_invalid",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `token_expired`, `token_missing`, `token_invalid` */
      401: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:token_expired",
           *       "title": "Unauthorized",
           *       "status": 401,
           *       "detail": "The token has expired. Refresh it and send the same request again.",
           *       "instance": "/status",
           *       "code": "token_expired",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `role_missing` */
      403: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:role_missing",
           *       "title": "Forbidden",
           *       "status": 403,
           *       "detail": "The token lacks a role that may read these figures.",
           *       "instance": "/status",
           *       "code": "role_missing",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          'RateLimit-Limit': components['headers']['RateLimit-Limit'];
          'RateLimit-Remaining': components['headers']['RateLimit-Remaining'];
          'RateLimit-Reset': components['headers']['RateLimit-Reset'];
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:rate_limited",
           *       "title": "Too Many Requests",
           *       "status": 429,
           *       "detail": "More than 6000 requests a minute from this address. Send the same request again after 42 s.",
           *       "instance": "/status",
           *       "code": "rate_limited",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `headers_too_large` */
      431: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:headers_too_large",
           *       "title": "Request Header Fields Too Large",
           *       "status": 431,
           *       "detail": "The headers of the request are larger than this service accepts.",
           *       "instance": "/status",
           *       "code": "headers_too_large",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `internal_error` */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:internal_error",
           *       "title": "Internal Server Error",
           *       "status": 500,
           *       "detail": "Something went wrong on our side; it has been logged.",
           *       "instance": "/status",
           *       "code": "internal_error",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
      /** @description `answer_too_slow`, `shutting_down` */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "type": "urn:problem:analytics-presence:answer_too_slow",
           *       "title": "Service Unavailable",
           *       "status": 503,
           *       "detail": "The answer was not ready within 2 s, because a dependency is slow. Send the same request again later.",
           *       "instance": "/status",
           *       "code": "answer_too_slow",
           *       "requestId": "019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55"
           *     }
           */
          'application/problem+json': components['schemas']['ProblemDto'];
        };
      };
    };
  };
}
