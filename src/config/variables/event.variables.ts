import { integer, oneOf } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

export const PLACE_NAMINGS = ['canonical', 'as-sent'] as const;
export type PlaceNaming = (typeof PLACE_NAMINGS)[number];

export const eventSection = {
  title: { en: 'Events', zh: '事件' },
  variables: {
    EVENT_MAX_AGE_DAYS: withDefault(integer(1, 366), {
      default: 7,
      en: 'Age in days above which an event is rejected. Imports of history have no such limit.',
      zh: '事件的最大年龄（天），超过即拒绝。导入历史数据不受此限制。',
    }),
    PLACE_NAMES: withDefault(oneOf(PLACE_NAMINGS), {
      default: 'canonical',
      en:
        'Names of `province` and `city`. `canonical` stores one name for each of the 34 provinces, such as 广东省 for ' +
        'Guangdong; `as-sent` keeps the spellings of the clients. Stored events keep their names.',
      zh:
        '`province` 与 `city` 的名称。`canonical` 将 34 个省级行政区的各种写法统一为一个名称（如 Guangdong 存为 广东省）；' +
        '`as-sent` 保留客户端的写法。已存储的事件保持原名。',
    }),
    RETENTION_DAYS_EVENTS: optional(integer(10, 36_500), {
      unset: { en: 'all are kept', zh: '全部保留' },
      example: '400',
      en:
        'Days before today whose events are kept; a nightly job drops older days from the log, once their figures are stored ' +
        'and final. At least 2 × `EVENT_MAX_AGE_DAYS` + 3, and 10.',
      zh:
        '保留今天之前多少天的事件；更早的日期由每晚的任务从日志中整日删除，前提是其统计值已存储且为最终值。' +
        '至少为 2 × `EVENT_MAX_AGE_DAYS` + 3，且不少于 10。',
    }),
    RETENTION_DAYS_ACTIVES: optional(integer(10, 36_500), {
      unset: { en: 'all are kept', zh: '全部保留' },
      example: '800',
      en:
        'The same for the sets of active users. The stored figures and the bits of a day stay when its set is dropped: ' +
        'figures over spans do not change, and a later import is added to them.',
      zh:
        '活跃用户集合的保留天数，规则同上。集合删除后，该日已存储的统计值和位图保留：' +
        '区间统计不变，之后导入的事件会并入其中。',
    }),
  },
} satisfies Section;
