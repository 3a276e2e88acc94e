import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VARIABLES } from '../../src/config/variables/catalogue.js';
import type { Localized } from '../../src/config/variables/value-types.js';

/** A variable that `.env` may set although the service does not read it. */
export interface ForeignVariable {
  readonly name: string;
  readonly example: string;
  readonly description: Localized;
}

export interface ForeignSection {
  readonly title: Localized;
  /** Introduces the variables; null where their descriptions suffice. */
  readonly introduction: Localized | null;
  readonly variables: readonly ForeignVariable[];
}

const COMPOSE_FILE = join(import.meta.dirname, '../../docker-compose.yml');

export function foreignSections(): readonly ForeignSection[] {
  return [
    {
      title: { en: 'Time zone', zh: '时区' },
      introduction: null,
      variables: [
        {
          name: 'TZ',
          example: 'Asia/Shanghai',
          description: {
            en: 'It has no effect: days are Asia/Shanghai days, whatever the time zone of the process is.',
            zh: '不起作用：无论进程的时区如何，日期一律按 Asia/Shanghai 计算。',
          },
        },
      ],
    },
    {
      title: { en: 'docker compose', zh: 'docker compose' },
      introduction: composeIntroduction(),
      variables: [
        {
          name: 'POSTGRES_PASSWORD',
          example: '',
          description: {
            en:
              'Password of `analytics_owner`, the role that owns the tables and runs the migrations. It has letters ' +
              'and digits only, because it becomes part of a URL: `openssl rand -hex 24` creates one. PostgreSQL ' +
              'reads it at the first start only.',
            zh:
              '`analytics_owner` 的密码；该角色拥有所有表并执行迁移。密码会成为 URL 的一部分，因此只能包含字母与数字，' +
              '可用 `openssl rand -hex 24` 生成。PostgreSQL 只在首次启动时读取它。',
          },
        },
        {
          name: 'POSTGRES_SERVICE_PASSWORD',
          example: '',
          description: {
            en:
              'Password of `analytics_app`, the login of the service, which may add events and not change them. ' +
              'The rules are those of `POSTGRES_PASSWORD`.',
            zh: '`analytics_app` 的密码；服务以该角色登录，可以添加事件，但不能修改。要求与 `POSTGRES_PASSWORD` 相同。',
          },
        },
      ],
    },
  ];
}

function composeIntroduction(): Localized {
  const passed = passedOnByCompose().map((name) => `\`${name}\``);
  return {
    en:
      '`docker-compose.yml` starts PostgreSQL, Redis and Kafka, and connects the service to them. It takes the two ' +
      `passwords below from \`.env\`, and passes these variables on: ${passed.join(', ')}.`,
    zh:
      '`docker-compose.yml` 启动 PostgreSQL、Redis 与 Kafka，并让服务连接它们。' +
      `它从 \`.env\` 读取下面两个密码，并传递以下变量：${passed.join('、')}。`,
  };
}

function passedOnByCompose(): string[] {
  const interpolated = new Set(
    [...readFileSync(COMPOSE_FILE, 'utf8').matchAll(/\$\{(\w+)/g)].map(([, name]) => name),
  );
  return Object.keys(VARIABLES).filter((name) => interpolated.has(name));
}
