import { expect } from '@jest/globals';

import { Deployment } from '../../support/deployment.js';
import { signToken } from '../../support/http.js';
import { assemble } from '../../support/parts.js';
import { waitFor } from '../../support/processes.js';
import { startBuilt, type Program, type Service, type Settings } from '../../support/service.js';

export const ORIGIN = 'https://admin.example.com';
export const INTERNAL_KEY = 'the-internal-key-that-no-log-may-hold';
export const SECRET = 'the-signing-secret-that-no-log-may-hold';
export const token = signToken({ userId: '5' }, { secret: SECRET });

/** Two services on one deployment that log every detail. */
export interface LoggedServices {
  readonly deployment: Deployment;
  /** writes its log as text, as in development */
  readonly developing: Service;
  /** writes its log as JSON, allows {@link ORIGIN}, and finds Kafka unavailable */
  readonly productive: Service;
  /** Stops both services and removes the deployment. */
  stop(): Promise<void>;
}

export function startLoggedServices(): Promise<LoggedServices> {
  return assemble(async (parts) => {
    const deployment = await parts.add(Deployment.create({ redis: true }), (each) => each.remove());
    const [developing, productive] = await Promise.all([
      startDeveloping(deployment),
      parts.add(
        startProductive({
          ...deployment.settings,
          ...SETTINGS,
          CORS_ORIGINS: `${ORIGIN}, https://other.example.com:8443`,
        }),
        (each) => each.stop(),
      ),
    ]);
    return { deployment, developing, productive, stop: () => parts.stop() };
  });
}

const SETTINGS: Settings = {
  JWT_SECRET: SECRET,
  INTERNAL_API_KEY: INTERNAL_KEY,
  LOG_LEVEL: 'debug',
  HOST: '127.0.0.1',
};

/** Starts a service that writes its log as text. */
export function startDeveloping(deployment: Deployment): Promise<Service> {
  return deployment.start({ ...SETTINGS, NODE_ENV: 'test' });
}

/** Starts a production service and reads its address from a log line in JSON. */
async function startProductive(env: Settings): Promise<Service> {
  const program: Program = await startBuilt('src/main.js', [], {
    ...env,
    NODE_ENV: 'production',
    KAFKA_BROKERS: '127.0.0.1:1',
    RATE_LIMIT_PER_ADDRESS: '0',
    RATE_LIMIT_PER_INSTALL: '0',
  });
  try {
    const match = await waitFor(() => /Listening on (http:\/\/[\d.]+:\d+)/.exec(program.output()), 30_000, {
      what: 'the service listens',
    });
    return { ...program, url: match[1]! };
  } catch (error) {
    await program.stop('SIGKILL');
    throw error;
  }
}

/** Expects that a log holds nothing that steers a terminal or breaks a line. */
export function expectNoControlCharacter(output: string): void {
  // eslint-disable-next-line no-control-regex -- these characters are what the log must not hold
  expect(output).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
}

/** Expects that a text holds no secret of the services, no further given secret, and no credential. */
export function expectNoSecret(output: string, secrets: readonly string[] = []): void {
  for (const secret of [SECRET, INTERNAL_KEY, token, ...secrets]) expect(output).not.toContain(secret);
  expect(output).not.toMatch(/postgresql:\/\/|Bearer ey/);
}
