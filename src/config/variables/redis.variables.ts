import { DEFAULT_REDIS_PORT, DEFAULT_SENTINEL_PORT, parseAddresses } from '../addresses.js';
import { boolean, checkedText, integer, secret, text } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

const anyText = text({ en: 'text', zh: '文本' });
const pemFile = text({ en: 'path of a PEM file', zh: 'PEM 文件的路径' });
const servers = checkedText(
  { en: '`host` or `host:port`, separated by commas', zh: '`host` 或 `host:port`，以逗号分隔' },
  'be host or host:port, several with commas between',
  (value) => parseAddresses(value, DEFAULT_REDIS_PORT) !== null,
);

export const redisSection = {
  title: { en: 'Redis', zh: 'Redis' },
  variables: {
    REDIS_HOST: optional(servers, {
      example: 'localhost',
      isRequiredInProduction: true,
      unset: { en: 'both are kept in process and lost when it ends', zh: '两者保存在进程内，进程结束即丢失' },
      en:
        'Redis 6.2 or later, which holds presence and live DAU for all replicas. ' +
        'Of a cluster, several nodes to connect to first. Not needed with `REDIS_SENTINELS`.',
      zh:
        'Redis 6.2 或更高版本，为所有副本实例保存在线状态与实时 DAU。' +
        '集群可填写多个首先连接的节点。设置 `REDIS_SENTINELS` 时不需要。',
    }),
    REDIS_PORT: withDefault(integer(1, 65535), {
      default: DEFAULT_REDIS_PORT,
      en: 'TCP port of the servers in `REDIS_HOST` that name none.',
      zh: '`REDIS_HOST` 中未写端口的服务器的 TCP 端口。',
    }),
    REDIS_USERNAME: optional(anyText, {
      example: 'analytics',
      unset: { en: 'the default user', zh: '使用默认用户' },
      en: 'ACL user of Redis. It needs `REDIS_PASSWORD`.',
      zh: 'Redis 的 ACL 用户。需要 `REDIS_PASSWORD`。',
    }),
    REDIS_PASSWORD: optional(secret(anyText), {
      example: '',
      unset: { en: 'no password', zh: '不使用密码' },
      en: 'Password of Redis; `openssl rand -hex 24` creates one.',
      zh: 'Redis 的密码，可用 `openssl rand -hex 24` 生成。',
    }),
    REDIS_DB: withDefault(integer(0, 1023), {
      default: 0,
      en: 'Number of the Redis database. A cluster has database `0` only.',
      zh: 'Redis 数据库编号。集群只有 `0` 号数据库。',
    }),
    REDIS_CLUSTER: withDefault(boolean(), {
      default: false,
      en: '`true` when `REDIS_HOST` names nodes of a Redis Cluster.',
      zh: '`REDIS_HOST` 是 Redis Cluster 的节点时设为 `true`。',
    }),
    REDIS_PRESENCE_SHARDS: optional(integer(1, 1024), {
      example: '256',
      unset: { en: '`1`, and `256` on a cluster', zh: '`1`，集群为 `256`' },
      en:
        'Number of keys that hold the online users, spread evenly over the slots of a cluster. ' +
        'After a change, users count as offline until their next heartbeat; the old keys expire.',
      zh: '保存在线用户的键的数量，均匀分布在集群的槽上。修改后，用户在下一次心跳之前视为离线；旧键会自动过期。',
    }),
    REDIS_SENTINELS: optional(
      checkedText(
        { en: '`host` or `host:port`, separated by commas', zh: '`host` 或 `host:port`，以逗号分隔' },
        'be host or host:port, several with commas between',
        (value) => parseAddresses(value, DEFAULT_SENTINEL_PORT) !== null,
      ),
      {
        example: 'sentinel-1,sentinel-2,sentinel-3',
        unset: { en: '`REDIS_HOST` is the server', zh: '服务器为 `REDIS_HOST`' },
        en: `Redis Sentinels, which name the server. They take the place of \`REDIS_HOST\`; default port ${DEFAULT_SENTINEL_PORT}.`,
        zh: `Redis Sentinel，由其给出服务器，取代 \`REDIS_HOST\`；默认端口 ${DEFAULT_SENTINEL_PORT}。`,
      },
    ),
    REDIS_SENTINEL_MASTER: withDefault(anyText, {
      default: 'mymaster',
      en: 'Name under which the Sentinels watch the server.',
      zh: 'Sentinel 监视该服务器所用的名称。',
    }),
    REDIS_SENTINEL_PASSWORD: optional(secret(anyText), {
      example: '',
      unset: { en: 'no password', zh: '不使用密码' },
      en: 'Password of the Sentinels themselves. It needs `REDIS_SENTINELS`.',
      zh: 'Sentinel 自身的密码。需要 `REDIS_SENTINELS`。',
    }),
    REDIS_TLS: withDefault(boolean(), {
      default: false,
      en: '`true` connects to Redis, and to its Sentinels, over TLS.',
      zh: '设为 `true` 时，通过 TLS 连接 Redis 及其 Sentinel。',
    }),
    REDIS_TLS_CA_FILE: optional(pemFile, {
      example: '/etc/redis/ca.pem',
      unset: { en: 'the authorities of the system', zh: '使用系统信任的证书颁发机构' },
      en: 'Certificate authorities to trust. It needs `REDIS_TLS`.',
      zh: '所信任的证书颁发机构。需要 `REDIS_TLS`。',
    }),
    REDIS_TLS_CERT_FILE: optional(pemFile, {
      example: '/etc/redis/client.pem',
      unset: { en: 'no client certificate', zh: '不使用客户端证书' },
      en: 'Client certificate, which Redis asks for by default. It needs `REDIS_TLS` and `REDIS_TLS_KEY_FILE`.',
      zh: '客户端证书，Redis 默认要求提供。需要 `REDIS_TLS` 与 `REDIS_TLS_KEY_FILE`。',
    }),
    REDIS_TLS_KEY_FILE: optional(pemFile, {
      example: '/etc/redis/client.key',
      unset: { en: 'no client certificate', zh: '不使用客户端证书' },
      en: 'Private key of the client certificate. It needs `REDIS_TLS` and `REDIS_TLS_CERT_FILE`.',
      zh: '客户端证书的私钥。需要 `REDIS_TLS` 与 `REDIS_TLS_CERT_FILE`。',
    }),
  },
} satisfies Section;
