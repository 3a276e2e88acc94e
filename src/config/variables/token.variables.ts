import { boolean, checkedText, secret, text } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

const jwtSecret = secret(
  text({ en: 'text, in production at least 32 bytes', zh: '文本，生产环境至少 32 字节' }),
);

export const tokenSection = {
  title: { en: 'Tokens and keys', zh: '令牌与密钥' },
  variables: {
    JWT_SECRET: optional(jwtSecret, {
      example: '',
      isRequiredInProduction: true,
      unset: { en: 'a development secret that anyone knows', zh: '使用众所周知的开发密钥' },
      en:
        'Secret that signs the tokens of the Identity service (HS256); both services need the same value. ' +
        'Production rejects secrets from documents; `openssl rand -hex 32` creates one.',
      zh:
        '为 Identity 服务的令牌签名的密钥（HS256），两个服务必须使用同一个值。' +
        '生产环境拒绝文档中出现过的密钥；可用 `openssl rand -hex 32` 生成。',
    }),
    JWT_SECRET_PREVIOUS: optional(jwtSecret, {
      example: '',
      unset: { en: 'no other secret than `JWT_SECRET` is accepted', zh: '只接受 `JWT_SECRET`' },
      en:
        'Former secret that is still accepted while `JWT_SECRET` replaces it. ' +
        'Remove it once the last token signed with it has expired.',
      zh: '更换 `JWT_SECRET` 期间仍然接受的旧密钥。用它签名的最后一个令牌过期后即可移除。',
    }),
    JWT_ISSUER: optional(text({ en: 'text', zh: '文本' }), {
      example: 'https://identity.example.com',
      unset: { en: '`iss` is not checked', zh: '不检查 `iss`' },
      en: 'Value that the claim `iss` of a token must have.',
      zh: '令牌的 `iss` 声明必须等于此值。',
    }),
    JWT_AUDIENCE: optional(text({ en: 'text', zh: '文本' }), {
      example: 'analytics',
      unset: { en: '`aud` is not checked', zh: '不检查 `aud`' },
      en: 'Value that the claim `aud` of a token must have or contain.',
      zh: '令牌的 `aud` 声明必须等于或包含此值。',
    }),
    JWT_EXPIRES_IN: withDefault(
      checkedText(
        { en: 'number with `s`, `m`, `h` or `d`', zh: '数字加 `s`、`m`、`h` 或 `d`' },
        'be a number with s, m, h or d, such as 7d',
        (value) => /^[1-9]\d{0,5}[smhd]$/.test(value),
      ),
      {
        default: '7d',
        en: 'Lifetime of the token that a development start prints.',
        zh: '开发环境启动时打印的令牌的有效期。',
      },
    ),
    ADMIN_ROLES: optional(
      checkedText(
        { en: 'names, separated by commas', zh: '名称，以逗号分隔' },
        'name a role: leave it out to let any valid token read figures',
        (value) => /[^\s,]/.test(value),
      ),
      {
        example: 'admin,analyst',
        unset: { en: 'any valid token may read figures', zh: '任何有效令牌都可以读取统计数据' },
        en: 'Roles that may read figures. A token carries them in its claim `roles` or `role`.',
        zh: '可以读取统计数据的角色。令牌在 `roles` 或 `role` 声明中携带角色。',
      },
    ),
    INTERNAL_API_KEY: optional(
      secret(
        checkedText(
          {
            en: 'keys of at least 16 characters, in production 32 bytes, separated by commas',
            zh: '以逗号分隔的密钥，每个至少 16 个字符，生产环境至少 32 字节',
          },
          'have at least 16 characters and no spaces; several keys with commas between',
          (value) => /^[^\s,]{16,}(,[^\s,]{16,})*$/.test(value),
        ),
      ),
      {
        example: '',
        unset: { en: '`/internal` rejects every request', zh: '`/internal` 拒绝所有请求' },
        en: 'Keys that open `/internal` when sent as `X-Internal-Api-Key`. Two keys let one replace the other.',
        zh: '通过 `X-Internal-Api-Key` 发送即可访问 `/internal` 的密钥。更换密钥时可同时设置新旧两个。',
      },
    ),
    API_DOCS_INTERNAL: withDefault(boolean(), {
      default: false,
      en: '`true` shows `/internal` in the API docs.',
      zh: '设为 `true` 时，API 文档中显示 `/internal`。',
    }),
  },
} satisfies Section;
