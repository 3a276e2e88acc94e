import { integer } from './value-types.js';
import { withDefault, type Section } from './variable.js';

export const eventSection = {
  title: { en: 'Events', zh: '事件' },
  variables: {
    EVENT_MAX_AGE_DAYS: withDefault(integer(1, 366), {
      default: 7,
      en: 'Age in days above which an event is rejected. Imports of history have no such limit.',
      zh: '事件的最大年龄（天），超过即拒绝。导入历史数据不受此限制。',
    }),
  },
} satisfies Section;
