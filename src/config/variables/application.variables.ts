import { boolean, integer, integerOr, oneOf, text } from './value-types.js';
import { withDefault, type Section } from './variable.js';

export const NODE_ENVS = ['development', 'production', 'test'] as const;
export type NodeEnv = (typeof NODE_ENVS)[number];

/** Ordered from the most to the least verbose. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
/** Nest's name. */
const LEVEL_SYNONYMS = new Map<string, LogLevel>([['log', 'info']]);

export const applicationSection = {
  title: { en: 'Application', zh: '应用' },
  variables: {
    NODE_ENV: withDefault(oneOf(NODE_ENVS), {
      default: 'development',
      en: 'Stage that the service runs in. `production` embeds nothing and rejects weak secrets.',
      zh: '运行环境。`production` 不启动任何内嵌服务，并拒绝弱密钥。',
    }),
    PORT: withDefault(integer(0, 65535), {
      default: 3001,
      en: 'TCP port to listen on; `0` takes any free port. With docker compose: the port on this machine.',
      zh: '监听的 TCP 端口；`0` 表示任选一个空闲端口。使用 docker compose 时，为本机上的端口。',
    }),
    HOST: withDefault(text({ en: 'IP address or host name', zh: 'IP 地址或主机名' }), {
      default: '127.0.0.1',
      inProduction: '0.0.0.0',
      en: 'Address to listen on. An address that other machines can reach requires a `JWT_SECRET` of your own.',
      zh: '监听的地址。如果其他机器可以访问该地址，必须设置自己的 `JWT_SECRET`。',
    }),
    WORKERS: withDefault(integerOr('auto', 1, 128), {
      default: 1,
      en:
        'Processes that serve `PORT` together, each like a replica; `auto` starts one for each core that the container ' +
        'may use. More than one needs `DATABASE_URL` and Redis. Limits of one process apply to each.',
      zh:
        '共同监听 `PORT` 的进程数，每个进程等同一个副本；`auto` 表示容器可用的每个核心一个。' +
        '多于一个时需要 `DATABASE_URL` 与 Redis。各项进程级限制对每个进程分别生效。',
    }),
    LOG_LEVEL: withDefault(oneOf(LOG_LEVELS, LEVEL_SYNONYMS), {
      default: 'info',
      en:
        'Lowest level that is logged; `log` is taken for `info`. SIGUSR2 switches a running process to `debug` ' +
        'and back. Production logs one JSON object a line.',
      zh:
        '记录日志的最低级别；`log` 等同 `info`。向运行中的进程发送 SIGUSR2 可切换到 `debug`，再次发送则切回。' +
        '生产环境每行输出一个 JSON 对象。',
    }),
    ACCESS_LOG: withDefault(boolean(), {
      default: false,
      en: 'Logs one line for each answer: method, route, status, duration, request id. Probes, scrapes and streams are left out.',
      zh: '为每个应答记录一行日志：方法、路由、状态码、耗时、请求 ID。不含探针、指标抓取与推送流。',
    }),
    SHUTDOWN_GRACE_SECONDS: withDefault(integer(0, 300), {
      default: 0,
      inProduction: 5,
      example: '5',
      en:
        'Seconds between SIGTERM and the drain, in which `/health/ready` answers 503 and everything is still served. ' +
        'Choose more than a load balancer needs to notice. The drain takes up to 15 s more.',
      zh:
        '收到 SIGTERM 到开始排空之间的秒数；其间 `/health/ready` 返回 503，其余请求照常处理。' +
        '应大于负载均衡器察觉所需的时间。随后的排空最多再用 15 秒。',
    }),
  },
} satisfies Section;
