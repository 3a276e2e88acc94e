/** Reads a startup message of the PostgreSQL protocol; null for another message, such as a request for TLS. */
export function readStartup(bytes: Buffer): Record<string, string> | null {
  if (bytes.length < 8 || bytes.readInt32BE(4) !== 196_608) return null;
  const words = bytes.toString('utf8', 8, bytes.readInt32BE(0)).split('\0');
  const parameters: Record<string, string> = {};
  for (let i = 0; words[i]; i += 2) parameters[words[i]!] = words[i + 1] ?? '';
  return parameters;
}

/** Returns the server's message that refuses a statement or a connection. */
export function errorMessage(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${code}`, `M${text}`]
    .map((field) => `${field}\0`)
    .join('');
  const body = Buffer.from(`${fields}\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** True when the last whole message says that the server is ready for the next statement. */
export function endsReady(bytes: Buffer): boolean {
  let last = '';
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readInt32BE(at + 1))
    last = String.fromCharCode(bytes[at]!);
  return last === 'Z';
}
