import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { placeNames } from '../../../../src/domain/value-objects/place-names.vo.js';
import { PROVINCE_NAMES } from '../../../../src/domain/value-objects/province-names.js';

const canonical = placeNames('canonical');
const asSent = placeNames('as-sent');

/** Spellings by official name: short, traditional, pinyin with tones, English, ISO 3166-2, GB/T 2260, abbreviation. */
const SPELLINGS: Readonly<Record<string, string>> = {
  北京市: '北京|北京|Běijīng|Beijing Municipality|CN-BJ|110000|京',
  天津市: '天津|天津|Tiānjīn|Tianjin City|CN-TJ|120000|津',
  河北省: '河北|河北省|Héběi Shěng|Hebei Province|CN-HE|130000|冀',
  山西省: '山西|山西省|Shānxī|Shanxi|CN-SX|140000|晋',
  内蒙古自治区: '内蒙古|內蒙古自治區|Nèi Měnggǔ|Inner Mongolia|CN-NM|150000|内蒙',
  辽宁省: '辽宁|遼寧省|Liáoníng|Liaoning Sheng|CN-LN|210000|辽',
  吉林省: '吉林|吉林省|Jílín|Jilin|CN-JL|220000|吉',
  黑龙江省: '黑龙江|黑龍江省|Hēilóngjiāng|Heilongjiang|CN-HL|230000|黑',
  上海市: '上海|上海市|Shànghǎi Shì|Shanghai|CN-SH|310000|沪',
  江苏省: '江苏|江蘇省|Jiāngsū|Jiangsu|CN-JS|320000|苏',
  浙江省: '浙江|浙江省|Zhèjiāng|Zhejiang|CN-ZJ|330000|浙',
  安徽省: '安徽|安徽省|Ānhuī|Anhui|CN-AH|340000|皖',
  福建省: '福建|福建省|Fújiàn|Fujian|CN-FJ|350000|闽',
  江西省: '江西|江西省|Jiāngxī|Jiangxi|CN-JX|360000|赣',
  山东省: '山东|山東省|Shāndōng|Shandong|CN-SD|370000|鲁',
  河南省: '河南|河南省|Hénán|Henan|CN-HA|410000|豫',
  湖北省: '湖北|湖北省|Húběi|Hubei|CN-HB|420000|鄂',
  湖南省: '湖南|湖南省|Húnán|Hunan|CN-HN|430000|湘',
  广东省: '广东|廣東省|Guǎngdōng|guangdong province|CN-GD|440000|粤',
  广西壮族自治区: '广西|廣西壯族自治區|Guǎngxī|Guangxi Zhuang Autonomous Region|CN-GX|450000|桂',
  海南省: '海南|海南省|Hǎinán|Hainan|CN-HI|460000|琼',
  重庆市: '重庆|重慶市|Chóngqìng|Chongqing Shi|CN-CQ|500000|渝',
  四川省: '四川|四川省|Sìchuān|Sichuan|CN-SC|510000|川',
  贵州省: '贵州|貴州省|Guìzhōu|Guizhou|CN-GZ|520000|黔',
  云南省: '云南|雲南省|Yúnnán|Yunnan|CN-YN|530000|滇',
  西藏自治区: '西藏|西藏自治區|Xīzàng|Tibet|CN-XZ|540000|藏',
  陕西省: '陕西|陝西省|Shǎnxī|Shaanxi|CN-SN|610000|陕',
  甘肃省: '甘肃|甘肅省|Gānsù|Gansu|CN-GS|620000|甘',
  青海省: '青海|青海省|Qīnghǎi|Qinghai|CN-QH|630000|青',
  宁夏回族自治区: '宁夏|寧夏回族自治區|Níngxià|Ningxia Hui Autonomous Region|CN-NX|640000|宁',
  新疆维吾尔自治区: '新疆|新疆維吾爾自治區|Xīnjiāng|Xinjiang Uyghur Autonomous Region|CN-XJ|650000|新',
  台湾省: '台湾|臺灣省|Táiwān|Taiwan, Province of China|CN-TW|710000|台湾',
  香港特别行政区: '香港|香港特別行政區|Xiānggǎng|Hong Kong SAR|CN-HK|810000|港',
  澳门特别行政区: '澳门|澳門特別行政區|Àomén|Macao|CN-MO|820000|澳',
};

describe('the names of provinces', () => {
  it('are the 34 divisions of China at that level', () => {
    expect(PROVINCE_NAMES).toHaveLength(34);
    expect([...PROVINCE_NAMES].sort()).toEqual(Object.keys(SPELLINGS).sort());
  });

  it.each(Object.entries(SPELLINGS))('give every spelling of %s this name', (name, spellings) => {
    for (const spelling of [name, ...spellings.split('|')]) {
      const disguised = [
        spelling,
        spelling.toLowerCase(),
        spelling.toUpperCase(),
        spelling.normalize('NFD'),
        toFullWidth(spelling),
        ` \ufeff${spelling}\u200b\u3000`,
        Array.from(spelling).join('\u2060'),
        `中国${spelling}`,
        `${spelling}, China`,
      ];
      expect(disguised.map((each) => [each, canonical.province(each)])).toEqual(
        disguised.map((each) => [each, name]),
      );
    }
  });

  it.each([
    '广西省',
    '新疆省',
    'Guangxi',
    'Neimenggu',
    'Nei Mongol',
    'HongKong',
    'hong-kong',
    'Macau',
    'Municipality of Beijing',
    'Kwangtung',
    'Fukien',
    '台湾地区',
    '440000000000',
    'Jiangsu Province of China',
  ])('know the colloquial %s', (spelling) => {
    expect(PROVINCE_NAMES).toContain(canonical.province(spelling));
  });

  it.each([
    ...['CA', 'SC', 'HI', 'MO', 'GD', 'SH', 'PA-NJ-DE-MD', 'WI-MN'],
    ...[
      'Formosa',
      'Canton',
      'China',
      '中国',
      'New South Wales',
      'Île-de-France',
      '东京都',
      '吉林市',
      '海南州',
      '440300',
    ],
  ])('leave %s as it was sent, which is none of the 34', (name) => {
    expect(canonical.province(name)).toBe(name);
    expect(canonical.city(name, '')).toBe(name);
  });

  it.each([
    ...['', ' ', '\u3000', '\u200b', '\ufeff', '-', '--', '?', '*', '0', '000', '-1'],
    ...[
      'null',
      'NULL',
      ' Null ',
      'nu\u200bll',
      '(null)',
      '<null>',
      'nil',
      'None',
      'undefined',
      '[object Object]',
    ],
    ...[
      'unknown',
      'Unknown',
      'UNKNOWN',
      'ｕｎｋｎｏｗｎ',
      'N/A',
      '未知',
      '（未知）',
      '不详',
      'Unknown Province',
      'nullnull',
      'false',
      '省',
    ],
  ])('are none for %j', (text) => {
    expect([canonical.province(text), canonical.city(text, '广东省')]).toEqual(['', '']);
  });

  it('keep Nan, a province of Thailand, and London, a city without a province', () => {
    expect(canonical.province('Nan')).toBe('Nan');
    expect(canonical.city('London', '')).toBe('London');
  });
});

describe('a place that is none of the 34', () => {
  it.each([
    ['I\u0302le-de-France', 'Île-de-France'],
    ['\u212bland', 'Åland'],
    ['São  Paulo', 'São Paulo'],
    ['São\u00a0Paulo', 'São Paulo'],
    ['São\t\n Paulo', 'São Paulo'],
    ['\u202bتهران\u202c', 'تهران'],
    ['Zü\u00adrich', 'Zürich'],
    ['Ｔｏｋｙｏ', 'Tokyo'],
    ['\u{2f9f4}县', '嶲县'.replace('嶲', '\u{2f9f4}'.normalize('NFC'))],
    ['\uf9b5\u5c71', '例山'],
    ['⼤理', '大理'],
    ['葛\u{e0100}城', '葛城'],
    ['葛\ufe00城', '葛城'],
  ])('has one name however %j is encoded', (sent, name) => {
    expect([canonical.province(sent), canonical.city(sent, '')]).toEqual([name, name]);
  });

  it('is named the same when its name is sent again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const name = canonical.province(text);
        expect(canonical.province(name)).toBe(name);
        const sent = asSent.province(text);
        expect(asSent.province(sent)).toBe(sent);
      }),
    );
  });
});

describe('the names of cities', () => {
  it.each([
    ['市辖区', '市辖区'],
    ['市轄區', '市辖区'],
    ['Shixiaqu', '市辖区'],
    ['县', '县'],
    ['縣', '县'],
    ['省直辖县级行政区划', '省直辖县级行政区划'],
    ['省直辖县级行政单位', '省直辖县级行政区划'],
    ['自治区直辖县级行政区划', '自治区直辖县级行政区划'],
    ['市\u200b辖区', '市辖区'],
    ['省直辖县级行政区', '省直辖县级行政区划'],
    ['市区', '市区'],
    ['自治州', '自治州'],
    ['其它', '其他'],
  ])('put the province before the generic %s', (sent, name) => {
    expect(canonical.city(sent, '重庆市')).toBe(`重庆市${name}`);
    expect(canonical.city(sent, '湖北省')).toBe(`湖北省${name}`);
    expect(canonical.city(sent, '')).toBe('');
  });

  it('keep a name that holds its province already', () => {
    expect(canonical.city('北京市市辖区', '北京市')).toBe('北京市市辖区');
  });

  it('keep names that only contain a generic one', () => {
    for (const city of ['浦东新区', '郊县', 'Xian', '县城', 'Kansas City']) {
      expect(canonical.city(city, '广东省')).toBe(city);
    }
  });
});

describe('names as sent', () => {
  it.each(['广东', 'Guangdong', 'unknown', 'null', '0', '市辖区', 'Ｔｏｋｙｏ'])('keep %s', (name) => {
    expect([asSent.province(name), asSent.city(name, '北京市')]).toEqual([name, name]);
  });

  it('are normalized text all the same', () => {
    expect(asSent.province(' \ufeffI\u0302le-de-\u200bFrance ')).toBe('Île-de-France');
    expect(asSent.city('\uf9b5\u5c71', '')).toBe('例山');
  });
});

it('names more places than its cache holds', () => {
  for (let n = 0; n < 20_000; n++) canonical.province(`place ${n}`);
  expect(canonical.province('guangdong')).toBe('广东省');
});

function toFullWidth(text: string): string {
  return text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
}
