import { networks, origins } from './network-types.js';
import { boolean, integer } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

export const clientSection = {
  title: { en: 'Clients', zh: '客户端' },
  variables: {
    TRUSTED_PROXIES: optional(networks, {
      example: '10.0.0.0/8,192.168.1.10',
      unset: {
        en: 'no proxy is trusted, and all clients behind one share its address',
        zh: '不信任任何代理，同一代理后的所有客户端视为同一地址',
      },
      en: 'Proxies in front of the service whose `X-Forwarded-For` is trusted. A prefix of 0 is rejected.',
      zh: '位于服务之前、其 `X-Forwarded-For` 可信的代理。不接受长度为 0 的前缀。',
    }),
    RATE_LIMIT_PER_ADDRESS: withDefault(integer(0, 10_000_000), {
      default: 0,
      // Mobile carriers put thousands of phones behind one address.
      inProduction: 6000,
      example: '6000',
      en: 'Requests a minute from one address (for IPv6 one /64 network); `0` means no limit.',
      zh: '每个地址（IPv6 为每个 /64 网络）每分钟的请求数；`0` 表示不限制。',
    }),
    RATE_LIMIT_PER_INSTALL: withDefault(integer(0, 10_000_000), {
      default: 0,
      // An install sends one heartbeat a minute, and batches of events.
      inProduction: 120,
      example: '120',
      en: 'Requests a minute from one install; `0` means no limit.',
      zh: '每个安装 ID 每分钟的请求数；`0` 表示不限制。',
    }),
    CORS_ORIGINS: optional(origins, {
      example: 'https://admin.example.com',
      unset: { en: 'no web page may call the API', zh: '任何网页都不能调用 API' },
      en: 'Web origins whose pages may call the API.',
      zh: '其页面可以调用 API 的网页来源。',
    }),
    DASHBOARD: withDefault(boolean(), {
      default: true,
      en:
        'Serves the page at `/dashboard`, to which `/` leads. It shows nothing without the token of an admin. ' +
        '`false` switches it off.',
      zh: '在 `/dashboard` 提供看板页面，`/` 会跳转到该页面。没有管理员令牌则不显示任何数据。设为 `false` 则关闭。',
    }),
    EVENTS_TRUST_BODY_USER_ID: withDefault(boolean(), {
      default: true,
      en:
        '`false` counts the `userId` of an event only when the token of its request names the same user. ' +
        'Without a token the event then belongs to its install.',
      zh: '设为 `false` 时，仅当请求的令牌属于同一用户，事件中的 `userId` 才有效；没有令牌时，事件归属其安装 ID。',
    }),
  },
} satisfies Section;
