import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { CheckFailedError } from '../support/check-steps.js';
import { hostEnvironment } from '../support/host-environment.js';
import { runSuccessfully, startProcess, type StartedProcess } from '../support/processes.js';

const ROOT = join(import.meta.dirname, '../..');
const COMMAND_TIMEOUT_MS = 10 * 60_000;
const REQUEST_TIMEOUT_MS = 30_000;
const INHERITED_VARIABLES = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'npm_config_cache'];

export interface ServiceOptions {
  readonly port: number;
  readonly jwtSecret: string;
  readonly postgresDirectory: string;
}

/** The service and its commands as an operator starts them with npm, on an embedded PostgreSQL. */
export class BuiltService {
  readonly url: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(private readonly options: ServiceOptions) {
    this.url = `http://127.0.0.1:${options.port}`;
    this.env = isolatedEnvironment(options);
  }

  start(): StartedProcess {
    return startProcess('npm', ['run', '--silent', 'start'], { cwd: ROOT, env: this.env });
  }

  /** @returns the number of events that the import accepted */
  async importEvents(file: string): Promise<number> {
    const output = await this.run('events:import', file);
    const [, accepted] = [...output.matchAll(/(\d+) accepted/g)].at(-1) ?? [];
    if (accepted === undefined) {
      throw new CheckFailedError(`The import does not report how many events it accepted:\n${output}`);
    }
    return Number(accepted);
  }

  async calculateDays(firstDay: string, lastDay: string): Promise<void> {
    await this.run('dau:calculate', firstDay, lastDay);
  }

  /** @param path route and query; the answer must have an array `data` */
  async query<Answer extends { readonly data: readonly unknown[] }>(path: string): Promise<Answer> {
    const token = jwt.sign({ userId: '1' }, this.options.jwtSecret, { algorithm: 'HS256', expiresIn: '10m' });
    const response = await fetch(`${this.url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.status !== 200) {
      throw new CheckFailedError(`GET ${path} answered ${response.status}: ${text.slice(0, 1000)}`);
    }
    const answer = JSON.parse(text) as Partial<Answer>;
    if (!Array.isArray(answer.data)) {
      throw new CheckFailedError(`GET ${path} answered without data: ${text.slice(0, 500)}`);
    }
    return answer as Answer;
  }

  private run(script: string, ...args: readonly string[]): Promise<string> {
    return runSuccessfully('npm', ['run', '--silent', script, '--', ...args], {
      cwd: ROOT,
      env: this.env,
      timeoutMs: COMMAND_TIMEOUT_MS,
    });
  }
}

/** Sets each server's variable to an empty text, which overrules `.env`: no import may reach a real database. */
function isolatedEnvironment({ port, jwtSecret, postgresDirectory }: ServiceOptions): NodeJS.ProcessEnv {
  const host = hostEnvironment();
  const inherited = INHERITED_VARIABLES.filter((name) => host[name] !== undefined);
  return {
    ...Object.fromEntries(inherited.map((name) => [name, host[name]])),
    NODE_ENV: '',
    HOST: '',
    DATABASE_URL: '',
    DATABASE_MIGRATION_URL: '',
    REDIS_HOST: '',
    KAFKA_BROKERS: '',
    PORT: String(port),
    JWT_SECRET: jwtSecret,
    EMBEDDED_POSTGRES_DIRECTORY: postgresDirectory,
    EMBEDDED_POSTGRES_PORT: '0',
  };
}
