import type { Random } from './random.js';

/** The place that a device reports. A coarse location has a province only. */
export interface Place {
  readonly province: string;
  readonly city?: string;
}

interface Weighted {
  readonly name: string;
  readonly weight: number;
}

interface Province extends Weighted {
  readonly cities: readonly Weighted[];
}

function province(name: string, weight: number, ...cities: readonly (readonly [string, number])[]): Province {
  return { name, weight, cities: cities.map(([city, cityWeight]) => ({ name: city, weight: cityWeight })) };
}

/**
 * The 34 provincial-level divisions and 101 cities, weighted by their population of 2020 in millions.
 * No city name appears twice, so that a count by city is unambiguous.
 */
export const PROVINCES: readonly Province[] = [
  province('北京市', 21.9, ['北京市市辖区', 1]),
  province('天津市', 13.9, ['天津市市辖区', 1]),
  province('上海市', 24.9, ['上海市市辖区', 1]),
  province('重庆市', 32.1, ['重庆市市辖区', 1]),
  province('河北省', 74.6, ['石家庄市', 11.2], ['保定市', 9.2], ['唐山市', 7.7], ['邯郸市', 9.4]),
  province('山西省', 34.9, ['太原市', 5.3], ['大同市', 3.1], ['运城市', 4.8]),
  province('内蒙古自治区', 24.0, ['呼和浩特市', 3.4], ['包头市', 2.7], ['赤峰市', 4.0]),
  province('辽宁省', 42.6, ['沈阳市', 9.1], ['大连市', 7.5], ['鞍山市', 3.3]),
  province('吉林省', 24.1, ['长春市', 9.1], ['吉林市', 3.6]),
  province('黑龙江省', 31.9, ['哈尔滨市', 10.0], ['齐齐哈尔市', 4.1], ['大庆市', 2.8]),
  province(
    '江苏省',
    84.7,
    ['苏州市', 12.7],
    ['南京市', 9.3],
    ['徐州市', 9.1],
    ['南通市', 7.7],
    ['无锡市', 7.5],
  ),
  province(
    '浙江省',
    64.6,
    ['杭州市', 11.9],
    ['温州市', 9.6],
    ['宁波市', 9.4],
    ['金华市', 7.1],
    ['台州市', 6.6],
  ),
  province('安徽省', 61.0, ['合肥市', 9.4], ['阜阳市', 8.2], ['芜湖市', 3.6]),
  province('福建省', 41.5, ['泉州市', 8.8], ['福州市', 8.3], ['厦门市', 5.2], ['漳州市', 5.1]),
  province('江西省', 45.2, ['南昌市', 6.3], ['赣州市', 9.0], ['九江市', 4.6]),
  province(
    '山东省',
    101.5,
    ['临沂市', 11.0],
    ['青岛市', 10.1],
    ['济南市', 9.2],
    ['潍坊市', 9.4],
    ['烟台市', 7.1],
  ),
  province('河南省', 99.4, ['郑州市', 12.6], ['南阳市', 9.7], ['周口市', 9.0], ['洛阳市', 7.1]),
  province('湖北省', 57.8, ['武汉市', 12.3], ['黄冈市', 5.9], ['襄阳市', 5.3], ['宜昌市', 4.0]),
  province('湖南省', 66.4, ['长沙市', 10.0], ['衡阳市', 6.6], ['邵阳市', 6.6], ['岳阳市', 5.1]),
  province(
    '广东省',
    126.0,
    ['广州市', 18.7],
    ['深圳市', 17.6],
    ['东莞市', 10.5],
    ['佛山市', 9.5],
    ['惠州市', 6.0],
    ['汕头市', 5.5],
    ['珠海市', 2.4],
  ),
  province('广西壮族自治区', 50.1, ['南宁市', 8.7], ['桂林市', 4.9], ['柳州市', 4.2]),
  province('海南省', 10.1, ['海口市', 2.9], ['三亚市', 1.0]),
  province('四川省', 83.7, ['成都市', 20.9], ['南充市', 5.6], ['绵阳市', 4.9], ['宜宾市', 4.6]),
  province('贵州省', 38.6, ['贵阳市', 6.0], ['遵义市', 6.6], ['毕节市', 6.9]),
  province('云南省', 47.2, ['昆明市', 8.5], ['曲靖市', 5.8], ['大理白族自治州', 3.3]),
  province('西藏自治区', 3.6, ['拉萨市', 0.9], ['日喀则市', 0.8]),
  province('陕西省', 39.5, ['西安市', 13.0], ['渭南市', 4.7], ['咸阳市', 4.0]),
  province('甘肃省', 25.0, ['兰州市', 4.4], ['天水市', 3.0]),
  province('青海省', 5.9, ['西宁市', 2.5], ['海东市', 1.4]),
  province('宁夏回族自治区', 7.2, ['银川市', 2.9], ['固原市', 1.1]),
  province('新疆维吾尔自治区', 25.9, ['乌鲁木齐市', 4.1], ['喀什地区', 4.5], ['伊犁哈萨克自治州', 2.8]),
  province('香港特别行政区', 7.4, ['香港', 1]),
  province('澳门特别行政区', 0.7, ['澳门', 1]),
  province('台湾省', 23.6, ['新北市', 4.0], ['台中市', 2.8], ['高雄市', 2.8], ['台北市', 2.6]),
];

/** Chooses a city by population. */
export function somewhere(random: Random): Required<Place> {
  const { name, cities } = random.weighted(PROVINCES);
  return { province: name, city: random.weighted(cities).name };
}

/** Chooses another city than `home`, in the same or another province. */
export function elsewhere(random: Random, home: Place): Required<Place> {
  for (;;) {
    const place = somewhere(random);
    if (place.city !== home.city) return place;
  }
}

const KIND = /(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$/;

/**
 * Writes a place as one of several apps would: with or without the kind of its province, with an invisible
 * character, with a generic city. The service gives all of them the same name.
 *
 * @param seed a whole number that chooses the spelling
 */
export function spell({ province: name, city }: Place, seed: number): Place {
  const short = name.replace(KIND, '');
  const province = [name, short, `${short}\u200b`, ` ${name}`][seed % 4] ?? name;
  return { province, ...(city !== undefined && { city: city === `${name}市辖区` ? '市辖区' : city }) };
}
