import type { Environment } from './environment.js';

/** Signs tokens on a laptop. Refused in production, like every secret that has been in a document. */
export const DEVELOPMENT_JWT_SECRET = 'development-only-secret-anyone-knows-it';

/** From documents and examples, so known to everybody. */
export const EXAMPLE_SECRETS: readonly string[] = [
  DEVELOPMENT_JWT_SECRET,
  'your-jwt-secret',
  'change-me',
  'secret',
];

export interface JwtConfig {
  /** Shared with the Identity service, HS256. */
  readonly secret: string;
  /** Lifetime of the token that a development start prints. */
  readonly expiresIn: string;
  /** Roles of which admin reads demand one; empty means any valid token. */
  readonly adminRoles: readonly string[];
}

export function jwtConfig(env: Environment): JwtConfig {
  return {
    secret: env.JWT_SECRET ?? DEVELOPMENT_JWT_SECRET,
    expiresIn: env.JWT_EXPIRES_IN,
    adminRoles: (env.ADMIN_ROLES ?? '')
      .split(',')
      .map((role) => role.trim())
      .filter(Boolean),
  };
}
