import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

export interface SaslCredentials {
  readonly username: string;
  readonly password: string;
}

const DIGESTS = new Map([
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-512', 'sha512'],
]);
const ITERATIONS = 4096;

/** Implements the server's side of PLAIN (RFC 4616) and SCRAM (RFC 5802) for one user. */
export class SaslServer {
  static readonly MECHANISMS: readonly string[] = ['PLAIN', ...DIGESTS.keys()];

  authenticated = false;
  private mechanism: string | undefined;
  // The server's first message, kept between the two messages of SCRAM.
  private scram: { readonly salt: Buffer; readonly nonce: string; readonly messages: string } | undefined;

  constructor(private readonly credentials: SaslCredentials) {}

  begin(mechanism: string): boolean {
    this.authenticated = false;
    this.scram = undefined;
    this.mechanism = SaslServer.MECHANISMS.find((known) => known === mechanism);
    return this.mechanism !== undefined;
  }

  /** Returns the answer to a client's token, or null when the authentication fails. */
  next(token: Buffer): string | null {
    const text = token.toString();
    const digest = DIGESTS.get(this.mechanism ?? '');
    if (digest !== undefined)
      return this.scram === undefined ? this.scramFirst(text) : this.scramFinal(text, digest);
    const [, username, password] = text.split('\0');
    const { credentials } = this;
    this.authenticated =
      this.mechanism === 'PLAIN' && username === credentials.username && password === credentials.password;
    return this.authenticated ? '' : null;
  }

  private scramFirst(text: string): string | null {
    const [, bare, username, nonce] = /^n,[^,]*,(n=([^,]*),r=([^,]+).*)$/s.exec(text) ?? [];
    const name = username?.replaceAll('=2C', ',').replaceAll('=3D', '=');
    if (bare === undefined || nonce === undefined || name !== this.credentials.username) return null;
    const salt = randomBytes(16);
    const both = nonce + randomBytes(18).toString('base64');
    const answer = `r=${both},s=${salt.toString('base64')},i=${ITERATIONS}`;
    this.scram = { salt, nonce: both, messages: `${bare},${answer}` };
    return answer;
  }

  private scramFinal(text: string, digest: string): string | null {
    const { salt, nonce, messages } = this.scram!;
    this.scram = undefined;
    const [, withoutProof, saidNonce, proof] = /^(c=[^,]+,r=([^,]+).*),p=(.*)$/s.exec(text) ?? [];
    // Apache Kafka checks the end of the nonce only, since librdkafka sends its own part twice.
    if (withoutProof === undefined || saidNonce?.endsWith(nonce) !== true || proof === undefined) return null;
    const hmac = (key: Buffer, said: string): Buffer => createHmac(digest, key).update(said).digest();
    const length = createHash(digest).digest().length;
    const salted = pbkdf2Sync(this.credentials.password, salt, ITERATIONS, length, digest);
    const clientKey = hmac(salted, 'Client Key');
    const exchanged = `${messages},${withoutProof}`;
    const signature = hmac(createHash(digest).update(clientKey).digest(), exchanged);
    const expected = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
    this.authenticated = expected.equals(Buffer.from(proof, 'base64'));
    return this.authenticated ? `v=${hmac(hmac(salted, 'Server Key'), exchanged).toString('base64')}` : null;
  }
}
