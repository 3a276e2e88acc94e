import { UsageError } from '../../src/cli/support/usage-error.js';
import { FILE_SUFFIX } from '../../src/config/secret-files.js';
import { SECRET_VARIABLES, VARIABLES } from '../../src/config/variables/catalogue.js';

/** Variables that lead to a server, whatever its kind. */
const SERVER = /^(DATABASE|REDIS|KAFKA)_(.*_)?(URLS?|HOSTS?|NODES|SENTINELS?|SEEDS|BROKERS)(_FILE)?$/;
/** Variables by which every client of PostgreSQL fills the gaps of an address. */
const CLIENT = /^PG(HOST|HOSTADDR|PORT|USER|PASSWORD|PASSFILE|DATABASE|SERVICE|SERVICEFILE|OPTIONS)$/;
/** Variables of the machine that Node and the embedded PostgreSQL need. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'SYSTEMROOT'];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Refuses to invent data where any could be real.
 *
 * @param environment the variables of the process and of `.env`
 * @throws UsageError that names the variable and the next step
 */
export function refuseRealServers(environment: Environment): void {
  if (environment['NODE_ENV']?.trim() === 'production')
    throw new UsageError(
      'The demo must not run where NODE_ENV is production: its data are invented. Unset NODE_ENV first.',
    );
  const configured = Object.keys(environment).filter(
    (name) => (SERVER.test(name) || CLIENT.test(name)) && (environment[name]?.trim() ?? '') !== '',
  );
  if (configured.length === 0) return;
  throw new UsageError(
    `The demo must not run where servers are configured, and ${configured.join(', ')} is set: its data are invented. ` +
      `Unset it, or run ${configured.map((name) => `${name}=`).join(' ')} npm run demo`,
  );
}

export interface DemoSettings {
  readonly port: number;
  readonly jwtSecret: string;
  readonly dataDirectory: string;
}

/** Returns the whole environment of the demo's programs: each variable is set or emptied, which overrules `.env`. */
export function demoEnvironment(
  host: Environment,
  { port, jwtSecret, dataDirectory }: DemoSettings,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => (host[name] === undefined ? [] : [[name, host[name]]]));
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    ...Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, ''])),
    ...Object.fromEntries([...SECRET_VARIABLES].map((name) => [`${name}${FILE_SUFFIX}`, ''])),
    NODE_ENV: 'development',
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    JWT_SECRET: jwtSecret,
    EMBEDDED_POSTGRES_DIRECTORY: dataDirectory,
    EMBEDDED_POSTGRES_PORT: '0',
  };
}
