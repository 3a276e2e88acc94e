const HEADER_BYTES = 5;
/** Length and protocol of the first message, which has no letter. */
const STARTUP_BYTES = 8;
/** Protocol number of a request for TLS, which a startup message follows. */
const SSL_REQUEST = 80_877_103;

/** Reads the statements that a client runs out of the bytes that it sends, in whichever pieces they arrive. */
export class StatementReader {
  private bytes = Buffer.alloc(0);
  private isStarted = false;
  /** Texts by the name of the prepared statement; the unnamed one has the empty name. */
  private readonly texts = new Map<string, string>();
  private bound = '';

  constructor(private readonly onStatement: (text: string) => void) {}

  read(piece: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, piece]);
    if (!this.isStarted && !this.skipStartup()) return;
    while (this.bytes.length >= HEADER_BYTES) {
      const length = 1 + this.bytes.readInt32BE(1);
      if (this.bytes.length < length) return;
      this.readMessage(String.fromCharCode(this.bytes[0]!), this.bytes.subarray(HEADER_BYTES, length));
      this.bytes = this.bytes.subarray(length);
    }
  }

  private skipStartup(): boolean {
    if (this.bytes.length < STARTUP_BYTES) return false;
    const length = this.bytes.readInt32BE(0);
    if (this.bytes.length < length) return false;
    this.isStarted = this.bytes.readInt32BE(4) !== SSL_REQUEST;
    this.bytes = this.bytes.subarray(length);
    return this.isStarted || this.skipStartup();
  }

  private readMessage(kind: string, body: Buffer): void {
    const [first = '', second = ''] = body.toString('latin1').split('\0', 2);
    if (kind === 'Q') this.onStatement(first);
    else if (kind === 'P') this.texts.set(first, second);
    else if (kind === 'B') this.bound = this.texts.get(second) ?? '';
    else if (kind === 'E') this.onStatement(this.bound);
  }
}
