import { createHmac } from 'node:crypto';

import { nowSeconds } from '../../support/events.js';
import { postJson, type Answer } from '../../support/http.js';
import { TEST_JWT_SECRET, type Service } from '../../support/service.js';

export const PREVIOUS_SECRET = 'the-secret-that-is-being-replaced-by-another';
export const ISSUER = 'https://identity.example.com';
export const AUDIENCE = 'analytics-presence';
export const ADMIN_ROLE = 'analytics-admin';
/** 2^53 + 1, the first integer that a JSON number in double precision cannot hold */
export const BEYOND_DOUBLE = '9007199254740993';

/** Settings that check everything a token may be checked for. */
export const STRICT_SETTINGS = {
  JWT_SECRET_PREVIOUS: PREVIOUS_SECRET,
  JWT_ISSUER: ISSUER,
  JWT_AUDIENCE: AUDIENCE,
  ADMIN_ROLES: `${ADMIN_ROLE},auditor`,
};

/** Sends a heartbeat, the request that accepts every valid token. */
export function beat(service: Service, authorization: string): Promise<Answer> {
  const body = { installId: 'install-of-tokens', appVersion: '1', clientTs: nowSeconds() };
  return postJson(`${service.url}/presence/heartbeat`, body, { headers: { authorization } });
}

/** Encodes a part of a token as base64url. */
export function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** Signs a text as an HMAC algorithm of JWT does. */
export function hmac(content: string, secret: string, hash = 'sha256'): string {
  return createHmac(hash, secret).update(content).digest('base64url');
}

/** Signs claims that are given as JSON text, so that the token holds exactly this text. */
export function signText(claims: string, header: unknown = { alg: 'HS256', typ: 'JWT' }): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${hmac(content, TEST_JWT_SECRET)}`;
}

export const inAnHour = (): number => Math.floor(nowSeconds()) + 3600;
export const claims = (): Record<string, unknown> => ({ userId: '5', exp: inAnHour() });
