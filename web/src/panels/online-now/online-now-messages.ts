import { defineMessages } from '../../i18n/language.js';

export const ONLINE_NOW_MESSAGES = defineMessages({
  en: {
    title: 'Online now',
    hint: (window: string) => `A heartbeat within the last ${window}`,
    users: 'Users online',
    lastMinutes: 'Users online, last ten minutes',
    partial: (percent: string) => `At least so many: ${percent} of the users could be counted`,
    dauToday: 'Active today',
    estimate: (error: string) => `estimate, ± ${error}`,
    time: 'Time',
  },
  zh: {
    title: '当前在线',
    hint: (window) => `最近 ${window}内有心跳`,
    users: '在线用户',
    lastMinutes: '最近十分钟在线用户',
    partial: (percent) => `至少为此数：仅统计到 ${percent} 的用户`,
    dauToday: '今日活跃',
    estimate: (error) => `估算，± ${error}`,
    time: '时间',
  },
});
