/** A division of China at the level of provinces. */
export interface Province {
  /** The official name, by which the service counts. */
  readonly name: string;
  /** Letters of its ISO 3166-2:CN code. */
  readonly iso: string;
  /** Its name without the word for the kind of division. */
  readonly short: Readonly<Record<'zh' | 'en', string>>;
}

function province(name: string, iso: string, zh: string, en: string): Province {
  return { name, iso, short: { zh, en } };
}

/** The 34 divisions in the order of GB/T 2260; test/unit/web compares them with the names of the service. */
export const PROVINCES: readonly Province[] = [
  province('北京市', 'BJ', '北京', 'Beijing'),
  province('天津市', 'TJ', '天津', 'Tianjin'),
  province('河北省', 'HE', '河北', 'Hebei'),
  province('山西省', 'SX', '山西', 'Shanxi'),
  province('内蒙古自治区', 'NM', '内蒙古', 'Inner Mongolia'),
  province('辽宁省', 'LN', '辽宁', 'Liaoning'),
  province('吉林省', 'JL', '吉林', 'Jilin'),
  province('黑龙江省', 'HL', '黑龙江', 'Heilongjiang'),
  province('上海市', 'SH', '上海', 'Shanghai'),
  province('江苏省', 'JS', '江苏', 'Jiangsu'),
  province('浙江省', 'ZJ', '浙江', 'Zhejiang'),
  province('安徽省', 'AH', '安徽', 'Anhui'),
  province('福建省', 'FJ', '福建', 'Fujian'),
  province('江西省', 'JX', '江西', 'Jiangxi'),
  province('山东省', 'SD', '山东', 'Shandong'),
  province('河南省', 'HA', '河南', 'Henan'),
  province('湖北省', 'HB', '湖北', 'Hubei'),
  province('湖南省', 'HN', '湖南', 'Hunan'),
  province('广东省', 'GD', '广东', 'Guangdong'),
  province('广西壮族自治区', 'GX', '广西', 'Guangxi'),
  province('海南省', 'HI', '海南', 'Hainan'),
  province('重庆市', 'CQ', '重庆', 'Chongqing'),
  province('四川省', 'SC', '四川', 'Sichuan'),
  province('贵州省', 'GZ', '贵州', 'Guizhou'),
  province('云南省', 'YN', '云南', 'Yunnan'),
  province('西藏自治区', 'XZ', '西藏', 'Xizang'),
  province('陕西省', 'SN', '陕西', 'Shaanxi'),
  province('甘肃省', 'GS', '甘肃', 'Gansu'),
  province('青海省', 'QH', '青海', 'Qinghai'),
  province('宁夏回族自治区', 'NX', '宁夏', 'Ningxia'),
  province('新疆维吾尔自治区', 'XJ', '新疆', 'Xinjiang'),
  province('台湾省', 'TW', '台湾', 'Taiwan'),
  province('香港特别行政区', 'HK', '香港', 'Hong Kong'),
  province('澳门特别行政区', 'MO', '澳门', 'Macau'),
];

const BY_NAME = new Map(PROVINCES.map((province) => [province.name, province]));

/** Returns the short name in a language; a name that is no province stays as it is. */
export function provinceLabel(name: string, language: 'zh' | 'en'): string {
  return BY_NAME.get(name)?.short[language] ?? name;
}
