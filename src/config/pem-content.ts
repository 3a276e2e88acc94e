import { createPrivateKey, X509Certificate } from 'node:crypto';

const BEGIN = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** Kind of content that a PEM file must hold. */
export type PemContent = 'certificates' | 'private key';

/** Tells what is wrong with the text of a PEM file; null when a TLS client can use it. */
export function pemProblem(text: string, content: PemContent): string | null {
  return content === 'certificates' ? certificatesProblem(text) : keyProblem(text);
}

/** Tells whether the private key belongs to the first certificate; both texts have passed {@link pemProblem}. */
export function isPair(certificates: string, key: string): boolean {
  const [first = ''] = certificates.match(CERTIFICATE) ?? [];
  return new X509Certificate(first).checkPrivateKey(createPrivateKey(key));
}

function certificatesProblem(text: string): string | null {
  const begun = text.match(BEGIN)?.length ?? 0;
  if (begun === 0) return 'it has no line -----BEGIN CERTIFICATE-----';
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length < begun) return 'it ends within a certificate';
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (error) {
      return `certificate ${index + 1} of ${blocks.length} cannot be decoded (${codeOf(error)})`;
    }
  }
  return null;
}

function keyProblem(text: string): string | null {
  if (!/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text))
    return 'it has no line -----BEGIN PRIVATE KEY-----';
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text))
    return 'the key is encrypted, and the service has no passphrase for it';
  try {
    createPrivateKey(text);
    return null;
  } catch (error) {
    return `the key cannot be decoded (${codeOf(error)})`;
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'unknown reason';
}
