import { defineMessages } from '../../i18n/language.js';

export const ONLINE_DAILY_MESSAGES = defineMessages({
  en: {
    title: 'Peak and mean online',
    hint: 'PCU and ACU of each day, from the snapshots of its minutes',
    peak: 'Peak (PCU)',
    peakAt: 'Peak at',
    mean: 'Mean (ACU)',
    record: 'All-time record',
    highest: 'Highest of the range',
    missed: 'Missed minutes',
    ofMinutes: (minutes: string) => `of ${minutes}`,
  },
  zh: {
    title: '在线峰值与均值',
    hint: '每日 PCU 与 ACU，来自每分钟快照',
    peak: '峰值 (PCU)',
    peakAt: '峰值时刻',
    mean: '均值 (ACU)',
    record: '历史最高',
    highest: '范围内最高',
    missed: '缺失分钟',
    ofMinutes: (minutes) => `共 ${minutes} 分钟`,
  },
});
