import { defineMessages } from '../../i18n/language.js';

export const LIFECYCLE_MESSAGES = defineMessages({
  en: {
    title: 'New and returning users',
    hint: 'Users active for the first time ever, and users active before',
    returning: 'Returning',
    new: 'New',
    resurrected: 'Resurrected',
    resurrectedLong: 'Resurrected: returning, not active the day before',
    dormant: 'Dormant',
    dormantLong: 'Dormant: active the day before, not on this one',
    dau: 'Active users',
    newOn: (day: string) => `New on ${day}`,
    returningOn: (day: string) => `Returning on ${day}`,
    shareOfDay: (share: string) => `${share} of the day`,
  },
  zh: {
    title: '新增与回访用户',
    hint: '首次活跃与此前已活跃过的用户',
    returning: '回访',
    new: '新增',
    resurrected: '回流',
    resurrectedLong: '回流：回访且前一日未活跃',
    dormant: '沉默',
    dormantLong: '沉默：前一日活跃、当日未活跃',
    dau: '活跃用户',
    newOn: (day) => `${day} 新增`,
    returningOn: (day) => `${day} 回访`,
    shareOfDay: (share) => `占当日 ${share}`,
  },
});
