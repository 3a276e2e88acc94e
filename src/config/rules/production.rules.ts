import { EXAMPLE_SECRETS } from '../jwt.config.js';
import { splitList } from '../split-list.js';
import { FILE_SUFFIX } from '../secret-files.js';
import { SECRET_VARIABLES, VARIABLES, type Environment } from '../variables/catalogue.js';

const MIN_SECRET_BYTES = 32;
const NEW_SECRET = 'create one with openssl rand -hex 32';

/** Returns what production rejects: missing services, known or short secrets, and passwords sent as plain text. */
export function productionProblems(env: Environment): string[] {
  if (env.NODE_ENV !== 'production') return [];
  return [...missingVariables(env), ...weakSecrets(env), ...plainTextPasswords(env)];
}

function missingVariables(env: Environment): string[] {
  return Object.entries(VARIABLES)
    .filter(
      ([name, variable]) => variable.isRequiredInProduction && env[name as keyof Environment] === undefined,
    )
    .filter(([name]) => name !== 'REDIS_HOST' || env.REDIS_SENTINELS === undefined)
    .map(([name]) => `${name} must be set when NODE_ENV is production, it is absent: ${howToSet(name)}`);
}

function howToSet(name: string): string {
  const file = SECRET_VARIABLES.has(name) ? `, or its file with ${name}${FILE_SUFFIX}` : '';
  return `set it in the environment or in .env${file}`;
}

function weakSecrets(env: Environment): string[] {
  const secrets = [
    ['JWT_SECRET', env.JWT_SECRET],
    ['JWT_SECRET_PREVIOUS', env.JWT_SECRET_PREVIOUS],
    ...splitList(env.INTERNAL_API_KEY).map((key) => ['INTERNAL_API_KEY', key] as const),
  ] as const;
  return secrets.flatMap(([name, secret]) => {
    if (secret === undefined) return [];
    if (EXAMPLE_SECRETS.includes(secret))
      return [`${name} must not be one from an example, its value is in a document: ${NEW_SECRET}`];
    if (Buffer.byteLength(secret) >= MIN_SECRET_BYTES) return [];
    return [
      `${name} must have at least ${MIN_SECRET_BYTES} bytes in production, it has ${Buffer.byteLength(secret)}: ${NEW_SECRET}`,
    ];
  });
}

function plainTextPasswords(env: Environment): string[] {
  if (env.KAFKA_SASL_MECHANISM !== 'plain' || env.KAFKA_SSL) return [];
  return ['KAFKA_SASL_MECHANISM=plain sends the password readable: set KAFKA_SSL=true, or use scram-sha-512'];
}
