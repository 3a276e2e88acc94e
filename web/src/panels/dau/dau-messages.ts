import { defineMessages } from '../../i18n/language.js';

export const DAU_MESSAGES = defineMessages({
  en: {
    title: 'Daily active users',
    hint: 'Distinct users with a session on the day, Asia/Shanghai',
    dau: 'Active users',
    today: 'Today so far',
    whenCounted: 'when last counted',
    yesterday: 'Yesterday',
    mean: (days: number) => `Mean of ${days} full ${days === 1 ? 'day' : 'days'}`,
    weekBefore: (change: string) => `${change} to the week before`,
    version: 'Version',
    versionOf: (day: string, version: number) => `${day}: version ${version}`,
    calculatedAt: 'Calculated at',
  },
  zh: {
    title: '日活跃用户',
    hint: '当日（北京时间）有会话的去重用户',
    dau: '活跃用户',
    today: '今日截至目前',
    whenCounted: '截至最近一次统计',
    yesterday: '昨日',
    mean: (days) => `${days} 个整日均值`,
    weekBefore: (change) => `较上周同日 ${change}`,
    version: '版本',
    versionOf: (day, version) => `${day}：版本 ${version}`,
    calculatedAt: '计算时间',
  },
});
