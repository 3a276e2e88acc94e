/** A division of China at the level of provinces, with the spellings that mean it beside its regular ones. */
interface Province {
  /** The official name. */
  readonly name: string;
  /** First two digits of its GB/T 2260 code. */
  readonly code: string;
  /** Letters of its ISO 3166-2:CN code. */
  readonly iso: string;
  /** Chinese names without the word for the kind of division; the last one is the abbreviation. */
  readonly chinese: readonly string[];
  /** Names in pinyin and English without that word. */
  readonly latin: readonly string[];
}

function province(
  name: string,
  code: string,
  iso: string,
  chinese: readonly string[],
  ...latin: readonly string[]
): Province {
  return { name, code, iso, chinese, latin };
}

/** The 34 divisions in the order of GB/T 2260. */
const PROVINCES: readonly Province[] = [
  province('北京市', '11', 'BJ', ['北京', '京'], 'Beijing', 'Peking'),
  province('天津市', '12', 'TJ', ['天津', '津'], 'Tianjin'),
  province('河北省', '13', 'HE', ['河北', '冀'], 'Hebei'),
  province('山西省', '14', 'SX', ['山西', '晋'], 'Shanxi', 'Shansi'),
  province(
    '内蒙古自治区',
    '15',
    'NM',
    ['内蒙古', '内蒙', '蒙'],
    ...['Inner Mongolia', 'Nei Mongol', 'Nei Monggol', 'Nei Menggu'],
  ),
  province('辽宁省', '21', 'LN', ['辽宁', '辽'], 'Liaoning'),
  province('吉林省', '22', 'JL', ['吉林', '吉'], 'Jilin'),
  province('黑龙江省', '23', 'HL', ['黑龙江', '黑'], 'Heilongjiang', 'Heilungkiang'),
  province('上海市', '31', 'SH', ['上海', '沪'], 'Shanghai'),
  province('江苏省', '32', 'JS', ['江苏', '苏'], 'Jiangsu', 'Kiangsu'),
  province('浙江省', '33', 'ZJ', ['浙江', '浙'], 'Zhejiang', 'Chekiang'),
  province('安徽省', '34', 'AH', ['安徽', '皖'], 'Anhui'),
  province('福建省', '35', 'FJ', ['福建', '闽'], 'Fujian', 'Fukien'),
  province('江西省', '36', 'JX', ['江西', '赣'], 'Jiangxi', 'Kiangsi'),
  province('山东省', '37', 'SD', ['山东', '鲁'], 'Shandong', 'Shantung'),
  province('河南省', '41', 'HA', ['河南', '豫'], 'Henan'),
  province('湖北省', '42', 'HB', ['湖北', '鄂'], 'Hubei', 'Hupeh'),
  province('湖南省', '43', 'HN', ['湖南', '湘'], 'Hunan'),
  province('广东省', '44', 'GD', ['广东', '粤'], 'Guangdong', 'Kwangtung'),
  province(
    '广西壮族自治区',
    '45',
    'GX',
    ['广西', '广西壮族', '桂'],
    ...['Guangxi', 'Guangxi Zhuang', 'Guangxi Zhuangzu'],
  ),
  province('海南省', '46', 'HI', ['海南', '琼'], 'Hainan'),
  province('重庆市', '50', 'CQ', ['重庆', '渝'], 'Chongqing'),
  province('四川省', '51', 'SC', ['四川', '蜀', '川'], 'Sichuan', 'Szechuan', 'Szechwan'),
  province('贵州省', '52', 'GZ', ['贵州', '黔', '贵'], 'Guizhou', 'Kweichow'),
  province('云南省', '53', 'YN', ['云南', '滇', '云'], 'Yunnan'),
  province('西藏自治区', '54', 'XZ', ['西藏', '藏'], 'Xizang', 'Tibet'),
  province('陕西省', '61', 'SN', ['陕西', '秦', '陕'], 'Shaanxi', 'Shensi'),
  province('甘肃省', '62', 'GS', ['甘肃', '陇', '甘'], 'Gansu', 'Kansu'),
  province('青海省', '63', 'QH', ['青海', '青'], 'Qinghai'),
  province(
    '宁夏回族自治区',
    '64',
    'NX',
    ['宁夏', '宁夏回族', '宁'],
    ...['Ningxia', 'Ningxia Hui', 'Ningxia Huizu'],
  ),
  province(
    '新疆维吾尔自治区',
    '65',
    'XJ',
    ['新疆', '新疆维吾尔', '新疆维吾尔族', '新'],
    ...['Xinjiang', 'Xinjiang Uygur', 'Xinjiang Uyghur', 'Xinjiang Uighur', 'Xinjiang Weiwuer', 'Sinkiang'],
  ),
  province('台湾省', '71', 'TW', ['台湾', '台湾地区', '台'], 'Taiwan'),
  province('香港特别行政区', '81', 'HK', ['香港', '港'], 'Hong Kong', 'Xianggang'),
  province('澳门特别行政区', '82', 'MO', ['澳门', '澳'], 'Macau', 'Macao', 'Aomen'),
];

/** Words for the kind of a division, by the last characters of its official name; the empty one means none. */
const KINDS: Readonly<
  Record<string, { readonly chinese: readonly string[]; readonly latin: readonly string[] }>
> = {
  省: { chinese: ['', '省'], latin: ['', 'Province', 'Prov', 'Sheng'] },
  市: { chinese: ['', '市', '直辖市'], latin: ['', 'Municipality', 'City', 'Shi', 'Province', 'Zhixiashi'] },
  // Many still call an autonomous region a province.
  自治区: {
    chinese: ['', '自治区', '省'],
    latin: ['', 'Autonomous Region', 'AR', 'Zizhiqu', 'Province', 'Sheng'],
  },
  特别行政区: {
    chinese: ['', '特别行政区', '特区'],
    latin: ['', 'Special Administrative Region', 'SAR', 'Tebie Xingzhengqu'],
  },
};

/** Names that follow no pattern. */
const IRREGULAR: Readonly<Record<string, string>> = {
  'Taiwan, Province of China': '台湾省',
  HKSAR: '香港特别行政区',
  MSAR: '澳门特别行政区',
};

/** Traditional characters that occur in these names and in those of {@link GENERIC_CITIES}. */
const SIMPLIFIED: Readonly<Record<string, string>> = {
  ...{ 廣: '广', 東: '东', 壯: '壮', 內: '内', 寧: '宁', 遼: '辽', 龍: '龙', 蘇: '苏', 陝: '陕', 肅: '肃' },
  ...{ 貴: '贵', 雲: '云', 臺: '台', 灣: '湾', 門: '门', 別: '别', 區: '区', 慶: '庆', 維: '维', 爾: '尔' },
  ...{ 國: '国', 華: '华', 晉: '晋', 滬: '沪', 閩: '闽', 贛: '赣', 魯: '鲁', 鄂: '鄂', 粵: '粤', 瓊: '琼' },
  ...{ 隴: '陇', 轄: '辖', 縣: '县', 級: '级', 劃: '划', 單: '单', 滙: '汇' },
};

/** Names of places that every province may have, which say nothing without it. */
const GENERIC_CITIES: readonly (readonly [name: string, ...spellings: readonly string[]])[] = [
  ['市辖区', 'Shixiaqu', 'Municipal District', 'Municipal Districts', '直辖区'],
  ['市辖县'],
  ['县', 'County', 'Counties'],
  ['区', 'District', 'Districts'],
  ['市', 'City', '地级市', '县级市'],
  ['市区', 'Urban Area', 'Urban District'],
  ['城区'],
  ['郊区'],
  ['矿区'],
  ['林区'],
  ['地区', 'Prefecture'],
  ['自治州', 'Autonomous Prefecture'],
  ['自治县', 'Autonomous County'],
  ['盟', 'League'],
  ['旗', 'Banner'],
  ['其他', '其它', 'Other', 'Others'],
  [
    '省直辖县级行政区划',
    '省直辖县级行政区',
    '省直辖县级行政单位',
    '省直辖行政单位',
    '省直辖县级',
    '省直辖县',
    '省直辖',
  ],
  [
    '自治区直辖县级行政区划',
    '自治区直辖县级行政区',
    '自治区直辖县级行政单位',
    '自治区直辖行政单位',
    '自治区直辖县级',
    '自治区直辖县',
    '自治区直辖',
  ],
  ['直辖县级行政区划', '直辖县级行政区', '直辖', '直辖县级行政单位', '直辖县级', '直辖县'],
];

const MARKS = /\p{M}+/gu;
const BESIDE_LETTERS_AND_DIGITS = /[^\p{L}\p{N}]+/gu;
const IDEOGRAPH = /\p{Script=Han}/gu;
const COUNTRY_BEFORE = /^(?:中华人民共和国|中国|china|prc)/;
const COUNTRY_BEHIND = /(?:of)?(?:peoplesrepublicof)?(?:china|prc)$/;

const nameByKey = new Map(
  PROVINCES.flatMap((each) => spellings(each).map((spelling) => [toKey(spelling), each.name] as const)),
);
for (const [spelling, name] of Object.entries(IRREGULAR)) nameByKey.set(toKey(spelling), name);

const genericCityByKey = new Map(
  GENERIC_CITIES.flatMap(([name, ...others]) =>
    [name, ...others].map((each) => [toKey(each), name] as const),
  ),
);

/** The official names of the 34 divisions. */
export const PROVINCE_NAMES: readonly string[] = PROVINCES.map(({ name }) => name);

/** Returns the official name of the division that a text means; undefined for every other text. */
export function findProvince(text: string): string | undefined {
  const key = toKey(text);
  return (
    nameByKey.get(key) ??
    nameByKey.get(key.replace(COUNTRY_BEFORE, '')) ??
    nameByKey.get(key.replace(COUNTRY_BEHIND, ''))
  );
}

/** Returns the common spelling of a generic city name such as 市辖区; undefined for every other text. */
export function findGenericCity(text: string): string | undefined {
  return genericCityByKey.get(toKey(text));
}

function spellings({ name, code, iso, chinese, latin }: Province): string[] {
  const kind = Object.keys(KINDS).find((each) => name.endsWith(each)) ?? '';
  const words = KINDS[kind] ?? { chinese: [''], latin: [''] };
  return [
    name,
    // Bare letters such as SC are left out: they are states of other countries as well.
    ...[`CN-${iso}`, `CN-${code}`, `${code}0000`, `${code}0000000000`],
    ...chinese.flatMap((base) => words.chinese.map((word) => (base.length === 1 ? base : base + word))),
    ...latin.flatMap((base) => words.latin.map((word) => base + word)),
    ...latin.flatMap((base) => words.latin.filter(Boolean).map((word) => `${word} of ${base}`)),
  ];
}

/** Reduces spellings of one name to one text: letters and digits, lower case, simplified, without accents. */
function toKey(text: string): string {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      // Tones tell 陕西 Shǎnxī from 山西 Shānxī, the doubled letter does so without them.
      .replace(/sh[ǎă]nx/, 'shaanx')
      .normalize('NFKD')
      .replace(MARKS, '')
      .replace(BESIDE_LETTERS_AND_DIGITS, '')
      .replace(IDEOGRAPH, (character) => SIMPLIFIED[character] ?? character)
  );
}
