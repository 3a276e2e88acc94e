import { splitPostgresHosts, splitPostgresUrls } from '../postgres-hosts.js';
import { boolean, checkedText, integer, secret, text } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

// A driver that fails to parse the URL reports it whole, with the password: it is parsed here first.
const postgresUrl = secret(
  checkedText(
    { en: 'URL that starts with `postgresql://`', zh: '以 `postgresql://` 开头的 URL' },
    'be a URL that starts with postgresql://, with / ? # @ : in a password percent-encoded, commas between several ' +
      'hosts, and no target_session_attrs but read-write or primary',
    namesWriter,
  ),
);

const postgresUrls = secret(
  checkedText(
    {
      en: 'URLs that start with `postgresql://`, separated by commas',
      zh: '以 `postgresql://` 开头的 URL，用逗号分隔',
    },
    'be URLs that start with postgresql://, separated by commas, with , / ? # @ : in a password percent-encoded, and no ' +
      'target_session_attrs but read-write or primary',
    (value) => splitPostgresUrls(value).every(namesWriter),
  ),
);

/** Tells whether a URL names hosts that can be read, and asks for no other one than the host that takes writes. */
function namesWriter(url: string): boolean {
  const split = splitPostgresHosts(url);
  if (split === null || !/^postgres(ql)?:\/\/.+/.test(url)) return false;
  const wanted = new URL(split.url).searchParams.get('target_session_attrs');
  return wanted === null || wanted === 'read-write' || wanted === 'primary';
}

export const postgresSection = {
  title: { en: 'PostgreSQL', zh: 'PostgreSQL' },
  variables: {
    DATABASE_URL: optional(postgresUrl, {
      example: 'postgresql://user:password@localhost:5432/rwa_analytics?schema=public',
      isRequiredInProduction: true,
      unset: { en: 'the embedded server', zh: '使用内嵌的 PostgreSQL' },
      en:
        'PostgreSQL 15 or later, as a role that is a member of the group `analytics_service`. ' +
        'Special characters in the password are percent-encoded. Several hosts with commas between them: the one that takes writes is used.',
      zh:
        'PostgreSQL 15 或更高版本；所用角色须属于 `analytics_service` 组。密码中的特殊字符须做百分号编码。' +
        '可用逗号分隔多个主机，服务只使用其中可写的一个。',
    }),
    DATABASE_MIGRATION_URL: optional(postgresUrl, {
      example: 'postgresql://owner:password@localhost:5432/rwa_analytics?schema=public',
      unset: { en: '`DATABASE_URL`', zh: '与 `DATABASE_URL` 相同' },
      en: 'The same database for the role that owns its tables. Commands connect to it, such as `npm run prisma:migrate` and `npm run user:erase`; the service never does.',
      zh: '以表所有者身份连接同一数据库的 URL。只有 `npm run prisma:migrate`、`npm run user:erase` 等命令使用，服务本身不使用。',
    }),
    DATABASE_POOL_SIZE: withDefault(integer(2, 200), {
      default: 10,
      en:
        'Connections that one process opens for requests, and as many to each of `DATABASE_INGEST_URLS`. ' +
        'Scheduled jobs open up to eleven more.',
      zh: '每个进程为请求打开的连接数，对 `DATABASE_INGEST_URLS` 的每个工作节点另开同样多。定时任务最多另开 11 个连接。',
    }),
    CITUS: withDefault(boolean(), {
      default: false,
      en:
        '`true`: `DATABASE_URL` is the coordinator of a Citus cluster. `npm run prisma:migrate` distributes the tables, ' +
        'and the service stores each event in the bucket of its identity (docs/citus.md).',
      zh: '`true` 表示 `DATABASE_URL` 是 Citus 集群的协调节点：`npm run prisma:migrate` 会分布各表，服务按身份把事件存入对应的桶（见 docs/citus.md）。',
    }),
    DATABASE_INGEST_URLS: optional(postgresUrls, {
      example:
        'postgresql://user:password@worker-1:5432/rwa_analytics,postgresql://user:password@worker-2:5432/rwa_analytics',
      unset: { en: 'the coordinator', zh: '协调节点' },
      en:
        'The same database on each worker of the Citus cluster. Events then go straight to the worker of their bucket. ' +
        'A URL may name several hosts of a worker, as `DATABASE_URL` may. Only where `CITUS` is true.',
      zh: 'Citus 集群各工作节点上的同一数据库。设置后事件直接写入其桶所在的工作节点。与 `DATABASE_URL` 一样，一个 URL 可列出同一工作节点的多个主机。需要 `CITUS=true`。',
    }),
    EMBEDDED_POSTGRES_DIRECTORY: withDefault(
      text({ en: 'path, from the working directory', zh: '路径，相对于工作目录' }),
      {
        default: '.data/postgres',
        en: 'Data directory of the embedded server. It has no effect when `DATABASE_URL` is set.',
        zh: '内嵌 PostgreSQL 的数据目录。设置了 `DATABASE_URL` 时不起作用。',
      },
    ),
    EMBEDDED_POSTGRES_PORT: withDefault(integer(0, 65535), {
      default: 54329,
      en:
        'TCP port of the embedded server on 127.0.0.1; `0` takes any free port. ' +
        'It has no effect when `DATABASE_URL` is set.',
      zh: '内嵌 PostgreSQL 在 127.0.0.1 上的 TCP 端口；`0` 表示任选一个空闲端口。设置了 `DATABASE_URL` 时不起作用。',
    }),
  },
} satisfies Section;
