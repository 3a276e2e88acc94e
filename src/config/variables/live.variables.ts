import { integer } from './value-types.js';
import { withDefault, type Section } from './variable.js';

export const liveSection = {
  title: { en: 'Live figures', zh: '实时推送' },
  variables: {
    LIVE_MAX_WATCHERS: withDefault(integer(0, 9000), {
      default: 2000,
      en: 'Open streams of `GET /live` in one process; further ones get 503. `0` closes the route.',
      zh: '单个进程中 `GET /live` 的最大连接数；超出的请求返回 503。`0` 表示关闭该接口。',
    }),
    LIVE_MAX_WATCHERS_PER_ADDRESS: withDefault(integer(0, 9000), {
      default: 0,
      // An office has one address.
      inProduction: 50,
      example: '50',
      en: 'Open streams from one address (for IPv6 one /64 network) in one process; `0` means no limit.',
      zh: '单个进程中每个地址（IPv6 为每个 /64 网络）的最大连接数；`0` 表示不限制。',
    }),
    LIVE_STREAM_SECONDS: withDefault(integer(10, 86_400), {
      default: 900,
      en:
        'Lifetime of a stream; its client then connects again. Bounds how long a half-open connection is kept, ' +
        'and spreads the watchers over new replicas.',
      zh: '单个推送连接的最长时间，到期后客户端重新连接。它限制半开连接的保留时间，并让客户端分布到新的副本。',
    }),
  },
} satisfies Section;
