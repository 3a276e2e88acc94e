import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { PassportStrategy } from '@nestjs/passport';
import { parse as parseLosslessly } from 'lossless-json';
import { ExtractJwt, Strategy, type JwtFromRequestFunction } from 'passport-jwt';
import type { Configuration } from '../../config/configuration.js';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';
import { ApplicationException } from '../exceptions/application.exception.js';
import { parseUserId } from '../rules/user-id.rule.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Tolerated difference between the clocks of two servers, for `exp` and `nbf`. */
const LEEWAY_SECONDS = 30;

type Claims = Readonly<Record<string, unknown>>;
interface Request {
  readonly headers: { readonly authorization?: string };
}

const bearerToken: JwtFromRequestFunction = ExtractJwt.fromAuthHeaderAsBearerToken();

/**
 * Verifies tokens of the Identity service: HS256 only, with an expiry and a user id, and the configured
 * issuer and audience. Accepts the previous secret during a rotation.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    config: ConfigService<Configuration, true>,
    private readonly verifiedTokens: VerifiedTokens,
  ) {
    const { secret, previousSecret, issuer, audience } = config.get('jwt', { infer: true });
    // Passes key objects: the library would try a text as a public key first, at ten times the cost.
    const [key, previousKey] = [toKey(secret), previousSecret === null ? null : toKey(previousSecret)];
    super({
      jwtFromRequest: bearerToken,
      secretOrKeyProvider: (_request, token: string, done) => {
        // Rejects claims such as "null", on which the library would throw.
        if (!hasClaims(token)) {
          done(new Error('The token has no claims'));
          return;
        }
        const isPrevious = previousKey !== null && isSignedWith(token, previousKey);
        // The types of the strategy predate key objects.
        done(null, (isPrevious ? previousKey : key) as never);
      },
      algorithms: ['HS256'],
      ...(issuer !== null && { issuer }),
      ...(audience !== null && { audience }),
      // Leaves both times to validate(): the library knows the clock of this machine only.
      ignoreExpiration: true,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way there is to this option
      jsonWebTokenOptions: { ignoreNotBefore: true },
      passReqToCallback: true,
    });
  }

  /**
   * @returns false for a signed token without a user or an expiry, and for one that is not valid yet
   * @throws ApplicationException `token_expired`
   */
  validate(request: Request, payload: Claims): AuthenticatedUser | false {
    // Rejects critical extensions, as RFC 7515 (4.1.11) demands: none is understood here.
    if (typeof payload['exp'] !== 'number' || 'crit' in headerOf(request)) return false;
    const nowSeconds = this.verifiedTokens.nowMs() / 1000;
    const notBefore = payload['nbf'] === undefined ? -Infinity : payload['nbf'];
    if (typeof notBefore !== 'number' || notBefore > nowSeconds + LEEWAY_SECONDS) return false;
    if (nowSeconds >= payload['exp'] + LEEWAY_SECONDS) throw new ApplicationException('token_expired');
    const userId = toUserId(userClaim(payload)) ?? exactUserId(request, payload);
    if (userId === null) return false;
    const roles = payload['roles'] ?? payload['role'];
    const user = {
      userId,
      roles: (Array.isArray(roles) ? roles : [roles]).filter((role) => typeof role === 'string'),
      validUntilMs: (payload['exp'] + LEEWAY_SECONDS) * 1000,
    };
    const { authorization } = request.headers;
    if (authorization !== undefined) this.verifiedTokens.remember(authorization, user);
    return user;
  }
}

function hasClaims(token: string): boolean {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null;
  } catch {
    return false;
  }
}

function userClaim(claims: Claims): unknown {
  return claims['userId'] ?? claims['sub'];
}

/** Returns null for an unsafe number, which the JSON parser has rounded to another id. */
function toUserId(claim: unknown): bigint | null {
  if (typeof claim === 'number') return Number.isSafeInteger(claim) && claim > 0 ? BigInt(claim) : null;
  return parseUserId(claim);
}

/** Reads an unsafe number again from the token's text, digit by digit. */
function exactUserId(request: Request, payload: Claims): bigint | null {
  const claim = userClaim(payload);
  if (typeof claim !== 'number' || claim < Number.MAX_SAFE_INTEGER) return null;
  const text = Buffer.from(bearerToken(request)?.split('.')[1] ?? '', 'base64url').toString();
  try {
    // Keeps numbers as text.
    return toUserId(userClaim(parseLosslessly(text, undefined, (digits) => digits) as Claims));
  } catch {
    return null; // the claim appears twice, so its user is ambiguous
  }
}

/** Parses the header of a verified token, which is JSON. */
function headerOf(request: Request): object {
  const text = Buffer.from(bearerToken(request)?.split('.')[0] ?? '', 'base64url').toString();
  return JSON.parse(text) as object;
}

function toKey(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret));
}

function isSignedWith(token: string, key: KeyObject): boolean {
  const end = token.lastIndexOf('.');
  const expected = createHmac('sha256', key).update(token.slice(0, end)).digest();
  const given = Buffer.from(token.slice(end + 1), 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
