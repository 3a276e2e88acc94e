import { boolean, integer, text } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

export const redisSection = {
  title: { en: 'Redis', zh: 'Redis' },
  variables: {
    REDIS_HOST: optional(text({ en: 'host name or IP address', zh: '主机名或 IP 地址' }), {
      example: 'localhost',
      isRequiredInProduction: true,
      unset: { en: 'both are kept in process and lost when it ends', zh: '两者保存在进程内，进程结束即丢失' },
      en: 'Redis 6.2 or later, which holds presence and live DAU for all replicas.',
      zh: 'Redis 6.2 或更高版本，为所有副本实例保存在线状态与实时 DAU。',
    }),
    REDIS_PORT: withDefault(integer(1, 65535), {
      default: 6379,
      en: 'TCP port of Redis.',
      zh: 'Redis 的 TCP 端口。',
    }),
    REDIS_PASSWORD: optional(text({ en: 'text', zh: '文本' }), {
      example: '',
      unset: { en: 'no password', zh: '不使用密码' },
      en: 'Password of Redis. docker compose requires one; `openssl rand -hex 24` creates it.',
      zh: 'Redis 的密码。docker compose 必须设置，可用 `openssl rand -hex 24` 生成。',
    }),
    REDIS_DB: withDefault(integer(0, 1023), {
      default: 0,
      en: 'Number of the Redis database. A cluster has database `0` only.',
      zh: 'Redis 数据库编号。集群只有 `0` 号数据库。',
    }),
    REDIS_CLUSTER: withDefault(boolean(), {
      default: false,
      en: '`true` when `REDIS_HOST` is a node of a Redis Cluster.',
      zh: '`REDIS_HOST` 是 Redis Cluster 的节点时设为 `true`。',
    }),
    REDIS_PRESENCE_SHARDS: withDefault(integer(1, 1024), {
      default: 1,
      en:
        'Number of keys that hold the online users; more than `1` lets a cluster share the load. ' +
        'After a change, users count as offline until their next heartbeat.',
      zh: '保存在线用户的键的数量；大于 `1` 时集群可以分担负载。修改后，用户在下一次心跳之前视为离线。',
    }),
  },
} satisfies Section;
