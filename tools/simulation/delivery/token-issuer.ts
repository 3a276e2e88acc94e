import { createHmac } from 'node:crypto';

/** Plays the Identity service: issues one HS256 token (RFC 7515) per user. */
export class TokenIssuer {
  private readonly tokens = new Map<string, string>();

  constructor(
    private readonly secret: string,
    private readonly issuedAtMs: number,
    private readonly validForMs: number,
  ) {}

  forUser(userId: string): string {
    let token = this.tokens.get(userId);
    if (token === undefined) {
      // The service reads the user id from `userId` or else from `sub`: half of the users use either claim.
      token = this.sign(Number(userId.at(-1)) % 2 === 0 ? { userId } : { sub: userId });
      this.tokens.set(userId, token);
    }
    return token;
  }

  forAdmin(role: string): string {
    return this.sign({ sub: '1', roles: [role] });
  }

  private sign(claims: Readonly<Record<string, unknown>>): string {
    const iat = Math.floor(this.issuedAtMs / 1000);
    const exp = iat + Math.ceil(this.validForMs / 1000);
    const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ ...claims, iat, exp })}`;
    return `${content}.${createHmac('sha256', this.secret).update(content).digest('base64url')}`;
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
