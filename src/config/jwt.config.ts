import type { Environment } from './environment.js';
import { list } from './http.config.js';

/** Signs tokens on a laptop. Refused in production, like every secret that has been in a document. */
export const DEVELOPMENT_JWT_SECRET = 'development-only-secret-anyone-knows-it';

/** From documents and examples, so known to everybody. */
export const EXAMPLE_SECRETS: readonly string[] = [
  DEVELOPMENT_JWT_SECRET,
  'your-jwt-secret',
  'the-secret-that-was-used-until-now',
  'change-me',
  'secret',
];

export interface JwtConfig {
  /** Shared with the Identity service, HS256. */
  readonly secret: string;
  /** Still accepted while {@link secret} replaces it. */
  readonly previousSecret: string | null;
  /** What `iss` must be; null: it is not looked at. */
  readonly issuer: string | null;
  /** What `aud` must be, or hold; null: it is not looked at. */
  readonly audience: string | null;
  /** Lifetime of the token that a development start prints. */
  readonly expiresIn: string;
  /** Roles of which admin reads demand one; empty means any valid token. */
  readonly adminRoles: readonly string[];
}

export function jwtConfig(env: Environment): JwtConfig {
  return {
    secret: env.JWT_SECRET ?? DEVELOPMENT_JWT_SECRET,
    previousSecret: env.JWT_SECRET_PREVIOUS ?? null,
    issuer: env.JWT_ISSUER ?? null,
    audience: env.JWT_AUDIENCE ?? null,
    expiresIn: env.JWT_EXPIRES_IN,
    adminRoles: list(env.ADMIN_ROLES),
  };
}
