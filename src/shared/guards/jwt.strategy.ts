import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Configuration } from '../../config/configuration.js';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';

const MAX_USER_ID = 2n ** 63n - 1n;
const DECIMAL = /^[1-9]\d{0,18}$/;

/** Tokens of the Identity service: HS256 and nothing else, with an expiry and a user id. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(config: ConfigService<Configuration, true>) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: config.get('jwt.secret', { infer: true }),
      algorithms: ['HS256'],
    });
  }

  /** @returns false for a token that is signed well and still names no user or no end */
  validate(payload: Readonly<Record<string, unknown>>): AuthenticatedUser | false {
    if (typeof payload['exp'] !== 'number') return false;
    const userId = toUserId(payload['userId'] ?? payload['sub']);
    if (userId === null) return false;
    const roles = payload['roles'] ?? payload['role'];
    return {
      userId,
      roles: (Array.isArray(roles) ? roles : [roles]).filter((role) => typeof role === 'string'),
    };
  }
}

/** A number beyond 2^53 has lost digits in the JSON reader, so it may be somebody else's: only strings go that far. */
function toUserId(claim: unknown): bigint | null {
  if (typeof claim === 'number') return Number.isSafeInteger(claim) && claim > 0 ? BigInt(claim) : null;
  if (typeof claim !== 'string' || !DECIMAL.test(claim)) return null;
  const userId = BigInt(claim);
  return userId <= MAX_USER_ID ? userId : null;
}
