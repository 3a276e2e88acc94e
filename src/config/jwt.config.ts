import { splitList } from './split-list.js';
import type { Environment } from './variables/catalogue.js';

/** Signs tokens in development. Production rejects it. */
export const DEVELOPMENT_JWT_SECRET = 'development-only-secret-anyone-knows-it';

/** Secrets from documents and examples, which anyone can know. */
export const EXAMPLE_SECRETS: readonly string[] = [
  DEVELOPMENT_JWT_SECRET,
  'your-jwt-secret',
  'the-secret-that-was-used-until-now',
  'change-me',
  'secret',
];

export interface JwtConfig {
  /** Secret shared with the Identity service (HS256). */
  readonly secret: string;
  /** Former secret, accepted while {@link secret} replaces it. */
  readonly previousSecret: string | null;
  /** Required value of `iss`; null skips the check. */
  readonly issuer: string | null;
  /** Value that `aud` must have or contain; null skips the check. */
  readonly audience: string | null;
  /** Lifetime of the token that a development start prints, such as `7d`. */
  readonly expiresIn: string;
  /** Roles that may read figures; an empty list admits any valid token. */
  readonly adminRoles: readonly string[];
}

export function jwtConfig(env: Environment): JwtConfig {
  return {
    secret: env.JWT_SECRET ?? DEVELOPMENT_JWT_SECRET,
    previousSecret: env.JWT_SECRET_PREVIOUS ?? null,
    issuer: env.JWT_ISSUER ?? null,
    audience: env.JWT_AUDIENCE ?? null,
    expiresIn: env.JWT_EXPIRES_IN,
    adminRoles: splitList(env.ADMIN_ROLES),
  };
}
