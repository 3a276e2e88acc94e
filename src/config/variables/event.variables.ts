import { integer, oneOf } from './value-types.js';
import { withDefault, type Section } from './variable.js';

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
  },
} satisfies Section;
