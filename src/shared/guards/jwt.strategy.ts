import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { PassportStrategy } from '@nestjs/passport';
import { parse as parseLosslessly } from 'lossless-json';
import { ExtractJwt, Strategy, type JwtFromRequestFunction } from 'passport-jwt';
import type { Configuration } from '../../config/configuration.js';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';
import { parseUserId } from '../rules/user-id.rule.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Clocks of two servers differ by less; `exp` and `nbf` are checked with it. */
const LEEWAY_SECONDS = 30;

type Claims = Readonly<Record<string, unknown>>;
interface Request {
  readonly headers: { readonly authorization?: string };
}

const bearerToken: JwtFromRequestFunction = ExtractJwt.fromAuthHeaderAsBearerToken();

/**
 * Tokens of the Identity service: HS256 and nothing else, whatever their header says, with an expiry and a user id;
 * issuer and audience where they are configured. While a secret is being replaced both the new and the previous one hold.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    config: ConfigService<Configuration, true>,
    private readonly verifiedTokens: VerifiedTokens,
  ) {
    const { secret, previousSecret, issuer, audience } = config.get('jwt', { infer: true });
    // As keys: of a text the library would first find out, at ten times the cost of the rest, that it is no public key.
    const [key, previousKey] = [toKey(secret), previousSecret === null ? null : toKey(previousSecret)];
    super({
      jwtFromRequest: bearerToken,
      secretOrKeyProvider: (_request, token: string, done) => {
        // What verifies tokens would throw on the claims "null", and that would be our fault.
        if (!hasClaims(token)) {
          done(new Error('The token has no claims'));
          return;
        }
        const isPrevious = previousKey !== null && isSignedWith(token, previousKey);
        // The types of the strategy are older than keys in the library that it passes them to.
        done(null, (isPrevious ? previousKey : key) as never);
      },
      algorithms: ['HS256'],
      ...(issuer !== null && { issuer }),
      ...(audience !== null && { audience }),
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way there is to a leeway
      jsonWebTokenOptions: { clockTolerance: LEEWAY_SECONDS },
      passReqToCallback: true,
    });
  }

  /** @returns false for a token that is signed well and still names no user or no end */
  validate(request: Request, payload: Claims): AuthenticatedUser | false {
    // RFC 7515, 4.1.11: what is critical and not understood must be refused, and nothing is understood here.
    if (typeof payload['exp'] !== 'number' || 'crit' in headerOf(request)) return false;
    const userId = toUserId(userClaim(payload)) ?? exactUserId(request, payload);
    if (userId === null) return false;
    const roles = payload['roles'] ?? payload['role'];
    const user = {
      userId,
      roles: (Array.isArray(roles) ? roles : [roles]).filter((role) => typeof role === 'string'),
    };
    const { authorization } = request.headers;
    if (authorization !== undefined)
      this.verifiedTokens.remember(authorization, user, (payload['exp'] + LEEWAY_SECONDS) * 1000);
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

/** A number beyond 2^53 has lost digits in the JSON reader, and may be somebody else's by now. */
function toUserId(claim: unknown): bigint | null {
  if (typeof claim === 'number') return Number.isSafeInteger(claim) && claim > 0 ? BigInt(claim) : null;
  return parseUserId(claim);
}

/** Reads the claim again as the token has it, digit by digit. Only for the rare number that was too large. */
function exactUserId(request: Request, payload: Claims): bigint | null {
  const claim = userClaim(payload);
  if (typeof claim !== 'number' || claim < Number.MAX_SAFE_INTEGER) return null;
  const text = Buffer.from(bearerToken(request)?.split('.')[1] ?? '', 'base64url').toString();
  try {
    // Numbers stay the texts they are.
    return toUserId(userClaim(parseLosslessly(text, undefined, (digits) => digits) as Claims));
  } catch {
    return null; // a claim that is there twice: whose token that is nobody can tell
  }
}

/** Of a token whose signature has been verified, so it is JSON. */
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
