import { createHmac } from 'node:crypto';

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** A compact HS256 token (RFC 7515). `exp` and `iat` are in Unix seconds. */
export function signHs256(claims: Readonly<Record<string, unknown>>, secret: string): string {
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

/** Plays the Identity service: issues each user's token once and keeps it. */
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
      // The service takes the user id from `userId`, else from `sub`: half of the users come each way.
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
    return signHs256({ ...claims, iat, exp: iat + Math.ceil(this.validForMs / 1000) }, this.secret);
  }
}
