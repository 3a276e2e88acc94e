import { defineMessages } from '../../i18n/language.js';

export const CITIES_MESSAGES = defineMessages({
  en: {
    title: 'Cities',
    titleOf: (province: string) => `Cities of ${province}`,
    hint: (days: number) => `Distinct users of the last ${days} days in each city`,
    ranking: 'Cities by active users',
    largest: (shown: number, all: number) => `The ${shown} largest of ${all}; the CSV has all`,
    none: 'No city of this province in this range.',
    unplaced: (count: number) =>
      count === 1
        ? '1 name belongs to no province that the page knows; see all provinces'
        : `${count} names belong to no province that the page knows; see all provinces`,
    other: 'other',
    city: 'City',
    province: 'Province',
    active: 'Active users',
    overlap: 'A user seen in two cities counts in both',
  },
  zh: {
    title: '城市分布',
    titleOf: (province) => `${province}的城市`,
    hint: (days) => `最近 ${days} 天各城市去重活跃用户`,
    ranking: '城市活跃用户排行',
    largest: (shown, all) => `共 ${all} 个城市，显示前 ${shown} 个；CSV 中有全部`,
    none: '该范围内此省没有城市数据。',
    unplaced: (count) => `${count} 个名称无法归入省份；见全部省份`,
    other: '其他',
    city: '城市',
    province: '省份',
    active: '活跃用户',
    overlap: '出现在两市者两市各计一次',
  },
});
