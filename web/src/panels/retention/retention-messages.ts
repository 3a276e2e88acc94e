import { defineMessages } from '../../i18n/language.js';

export const RETENTION_MESSAGES = defineMessages({
  en: {
    title: 'Retention',
    hints: {
      new: 'Of those who were new on a day: active again exactly so many days later',
      active: 'Of all active on a day: active again exactly so many days later',
    },
    cohort: 'Cohort',
    cohorts: { new: 'New', active: 'All active' },
    day: 'Day',
    size: 'Users',
    after: (days: number) => `+${days} d`,
    afterLong: (days: number) => `${days} ${days === 1 ? 'day' : 'days'} later`,
    mean: 'Weighted mean',
    meanLong: 'All who came back divided by all users of those days; days that may still change are left out',
    finalUnknown: 'Which days are provisional is unknown, so there is no mean.',
    counted: (count: string, size: string) => `${count} of ${size}`,
    countedRate: (count: string, rate: string) => `${count} (${rate})`,
    scale: 'Share that came back',
    caption: (cohort: string) => `Retention, cohort: ${cohort}`,
  },
  zh: {
    title: '留存',
    hints: {
      new: '当日新增用户在其后第 N 天仍活跃的比例',
      active: '当日全部活跃用户在其后第 N 天仍活跃的比例',
    },
    cohort: '群组',
    cohorts: { new: '新增', active: '全部活跃' },
    day: '日期',
    size: '用户数',
    after: (days) => `+${days} 天`,
    afterLong: (days) => `${days} 天后`,
    mean: '加权均值',
    meanLong: '各日回访人次之和除以用户数之和；不含未定稿的日期',
    finalUnknown: '无法得知哪些日期未定稿，因此没有均值。',
    counted: (count, size) => `${size} 人中 ${count} 人`,
    countedRate: (count, rate) => `${count}（${rate}）`,
    scale: '回访比例',
    caption: (cohort) => `留存，群组：${cohort}`,
  },
});
