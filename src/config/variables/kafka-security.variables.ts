import { boolean, oneOf, secret, text } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

export const KAFKA_SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type KafkaSaslMechanism = (typeof KAFKA_SASL_MECHANISMS)[number];

const pemFile = text({ en: 'path of a PEM file', zh: 'PEM 文件的路径' });

export const kafkaSecuritySection = {
  title: { en: 'Kafka: TLS and login', zh: 'Kafka：TLS 与登录' },
  variables: {
    KAFKA_SSL: withDefault(boolean(), {
      default: false,
      en: '`true` connects to Kafka over TLS.',
      zh: '设为 `true` 时，通过 TLS 连接 Kafka。',
    }),
    KAFKA_SSL_CA_FILE: optional(pemFile, {
      example: '/etc/kafka/ca.pem',
      unset: { en: 'the authorities of the system', zh: '使用系统信任的证书颁发机构' },
      en: 'Certificate authorities to trust. It needs `KAFKA_SSL`.',
      zh: '所信任的证书颁发机构。需要 `KAFKA_SSL`。',
    }),
    KAFKA_SSL_CERT_FILE: optional(pemFile, {
      example: '/etc/kafka/client.pem',
      unset: { en: 'no client certificate', zh: '不使用客户端证书' },
      en: 'Client certificate. It needs `KAFKA_SSL` and `KAFKA_SSL_KEY_FILE`.',
      zh: '客户端证书。需要 `KAFKA_SSL` 与 `KAFKA_SSL_KEY_FILE`。',
    }),
    KAFKA_SSL_KEY_FILE: optional(pemFile, {
      example: '/etc/kafka/client.key',
      unset: { en: 'no client certificate', zh: '不使用客户端证书' },
      en: 'Private key of the client certificate. It needs `KAFKA_SSL` and `KAFKA_SSL_CERT_FILE`.',
      zh: '客户端证书的私钥。需要 `KAFKA_SSL` 与 `KAFKA_SSL_CERT_FILE`。',
    }),
    KAFKA_SASL_MECHANISM: optional(oneOf(KAFKA_SASL_MECHANISMS), {
      example: 'scram-sha-512',
      unset: { en: 'no login', zh: '不登录' },
      en:
        'SASL mechanism of the login, which needs a user name and a password. ' +
        '`plain` needs `KAFKA_SSL` in production.',
      zh: '登录所用的 SASL 机制，需要用户名与密码。`plain` 在生产环境中需要 `KAFKA_SSL`。',
    }),
    KAFKA_SASL_USERNAME: optional(text({ en: 'text', zh: '文本' }), {
      example: 'analytics',
      unset: { en: 'no login', zh: '不登录' },
      en: 'User name of the login. It needs `KAFKA_SASL_MECHANISM`.',
      zh: '登录的用户名。需要 `KAFKA_SASL_MECHANISM`。',
    }),
    KAFKA_SASL_PASSWORD: optional(secret(text({ en: 'text', zh: '文本' })), {
      example: '',
      unset: { en: 'no login', zh: '不登录' },
      en: 'Password of the login. It needs `KAFKA_SASL_MECHANISM`.',
      zh: '登录的密码。需要 `KAFKA_SASL_MECHANISM`。',
    }),
  },
} satisfies Section;
