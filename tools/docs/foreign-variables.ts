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
      variables: [],
    },
  ];
}

function composeIntroduction(): Localized {
  const passed = passedOnByCompose().map((name) => `\`${name}\``);
  return {
    en:
      '`docker-compose.yml` starts PostgreSQL, Redis and Kafka, and connects the service to them. Its secrets are the ' +
      'files that `sh deploy/compose/create-secrets.sh` writes into `secrets/`. ' +
      `From the environment or \`.env\` it passes these variables on: ${passed.join(', ')}.`,
    zh:
      '`docker-compose.yml` 启动 PostgreSQL、Redis 与 Kafka，并让服务连接它们。' +
      '其密钥是 `sh deploy/compose/create-secrets.sh` 写入 `secrets/` 的文件。' +
      `它从环境变量或 \`.env\` 传递以下变量：${passed.join('、')}。`,
  };
}

function passedOnByCompose(): string[] {
  const interpolated = new Set(
    [...readFileSync(COMPOSE_FILE, 'utf8').matchAll(/\$\{(\w+)/g)].map(([, name]) => name),
  );
  return Object.keys(VARIABLES).filter((name) => interpolated.has(name));
}
