import { ConfigService } from '@nestjs/config';
import type { ExecutionContext } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import type { Configuration } from '../../../../src/config/configuration.js';
import type { JwtConfig } from '../../../../src/config/jwt.config.js';
import { JwtStrategy } from '../../../../src/shared/guards/jwt.strategy.js';
import { applicationError } from '../../expectations.js';
import { VerifiedTokens } from '../../../../src/shared/guards/verified-tokens.js';

export const SECRET = 'a-secret-that-is-32-bytes-long-or-so';

export interface Request {
  readonly headers: { readonly authorization?: string };
  user?: unknown;
}

export function requestWith(token?: string): Request {
  return { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } };
}

export function tokenWith(claims: object = {}, options: jwt.SignOptions = {}, secret = SECRET): string {
  return jwt.sign({ userId: '42', ...claims }, secret, { expiresIn: '1h', ...options });
}

export function configWith(
  adminRoles: readonly string[] = [],
  jwtOverrides: Partial<JwtConfig> = {},
): ConfigService<Configuration, true> {
  const config: JwtConfig = {
    secret: SECRET,
    previousSecret: null,
    issuer: null,
    audience: null,
    expiresIn: '1h',
    adminRoles,
    ...jwtOverrides,
  };
  return new ConfigService<Configuration, true>({ jwt: config });
}

/** Registers the strategy with passport, where guards find it. */
export function registerStrategy(jwtOverrides: Partial<JwtConfig> = {}): void {
  new JwtStrategy(configWith([], jwtOverrides), new VerifiedTokens(() => Date.now()));
}

/** Returns the parts of a request that guards read, for a route of a controller. */
export function contextOf(
  request: object,
  route: { readonly handler?: () => void; readonly controller?: new () => object } = {},
): ExecutionContext {
  const context = {
    switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}), getNext: () => undefined }),
    getHandler: () => route.handler ?? (() => undefined),
    getClass: () => route.controller ?? Object,
  };
  return context as unknown as ExecutionContext;
}

export const TOKEN_MISSING = applicationError('token_missing', 'unauthenticated');
export const TOKEN_INVALID = applicationError('token_invalid', 'unauthenticated');
export const TOKEN_EXPIRED = applicationError('token_expired', 'unauthenticated');

export const BAD_TOKENS: readonly (readonly [string, string, unknown])[] = [
  ['nonsense', 'nonsense', TOKEN_INVALID],
  [
    'signed with another secret',
    tokenWith({}, {}, 'another-secret-of-32-bytes-or-more-it-is'),
    TOKEN_INVALID,
  ],
  ['signed with HS512', tokenWith({}, { algorithm: 'HS512' }), TOKEN_INVALID],
  ['unsigned', jwt.sign({ userId: '42' }, '', { algorithm: 'none', expiresIn: '1h' }), TOKEN_INVALID],
  ['without an end', jwt.sign({ userId: '42' }, SECRET), TOKEN_INVALID],
  ['without a user', tokenWith({ userId: undefined }), TOKEN_INVALID],
  ['expired', tokenWith({}, { expiresIn: -31 }), TOKEN_EXPIRED],
];
