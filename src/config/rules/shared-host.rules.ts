import { EXAMPLE_SECRETS, jwtConfig } from '../jwt.config.js';
import type { Environment } from '../variables/catalogue.js';

/** Rejects known secrets outside production when other machines can connect: they could sign tokens. */
export function sharedHostProblems(env: Environment): string[] {
  if (env.NODE_ENV === 'production' || isLoopback(env.HOST)) return [];
  const { secret, previousSecret } = jwtConfig(env);
  const isKnown = [secret, previousSecret].some((each) => each !== null && EXAMPLE_SECRETS.includes(each));
  if (!isKnown) return [];
  return [
    'HOST lets others connect, who could sign tokens with a secret from an example: set JWT_SECRET to one of your own',
  ];
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}
