import { BlockList, isIP } from 'node:net';
import { splitList } from '../split-list.js';
import { checkedText } from './value-types.js';

export const networks = checkedText(
  {
    en: 'IP addresses and networks, separated by commas',
    zh: 'IP 地址与网络，以逗号分隔',
  },
  'be IP addresses and networks such as 10.0.0.0/8, with commas between',
  (value) => splitList(value).every(isNetwork),
);

export const origins = checkedText(
  { en: 'origins, separated by commas', zh: '来源（origin），以逗号分隔' },
  'be origins such as https://admin.example.com, with commas between',
  (value) => splitList(value).every(isOrigin),
);

/** Rejects networks that hold every address: they would trust every client. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) === 0) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false; // The prefix is longer than the address.
  }
}

/** Rejects wildcards: every page on the web could read figures with its visitor's token. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || text.includes('*')) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === 'https:' || protocol === 'http:');
}
