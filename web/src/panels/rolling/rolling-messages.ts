import { defineMessages } from '../../i18n/language.js';

export const ROLLING_MESSAGES = defineMessages({
  en: {
    title: 'Rolling active users',
    hint: 'Distinct users of the 7 and of the 30 days that end with each day',
    window: (days: number) => `${days} days`,
    windowTo: (days: number) => `Last ${days} days`,
    stickiness: 'Stickiness',
    stickinessHint: 'Active users of the day among those of its 30 days',
    stickinessOn: (day: string) => `Stickiness on ${day}`,
    csv: (days: number) => `CSV ${days} d`,
    csvTitle: (days: number) => `rolling active users of ${days} days`,
    dau: 'Active on the day',
  },
  zh: {
    title: '滚动活跃用户',
    hint: '截至每日的 7 天与 30 天内的去重用户',
    window: (days) => `${days} 天`,
    windowTo: (days) => `最近 ${days} 天`,
    stickiness: '粘性',
    stickinessHint: '当日活跃用户占其 30 天活跃用户的比例',
    stickinessOn: (day) => `${day} 粘性`,
    csv: (days) => `CSV ${days} 天`,
    csvTitle: (days) => `${days} 天滚动活跃用户`,
    dau: '当日活跃',
  },
});
