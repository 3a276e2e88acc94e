const LINE_END = '\r\n';

/** Reads the commands that a client sends out of its bytes, in whichever pieces they arrive. */
export class RedisCommandReader {
  private bytes = Buffer.alloc(0);
  private at = 0;

  constructor(private readonly onCommand: (words: readonly string[]) => void) {}

  read(piece: Buffer): void {
    this.bytes = Buffer.concat([this.bytes.subarray(this.at), piece]);
    this.at = 0;
    for (;;) {
      const from = this.at;
      const words = this.readCommand();
      if (words === null) {
        this.at = from;
        return;
      }
      this.onCommand(words);
    }
  }

  /** Reads an array of strings, the form in which clients send; null while a part of it is missing. */
  private readCommand(): string[] | null {
    const count = this.readLength('*');
    if (count === null) return null;
    const words: string[] = [];
    while (words.length < count) {
      const length = this.readLength('$');
      if (length === null || this.bytes.length < this.at + length + LINE_END.length) return null;
      words.push(this.bytes.toString('utf8', this.at, this.at + length));
      this.at += length + LINE_END.length;
    }
    return words;
  }

  private readLength(sign: '*' | '$'): number | null {
    const end = this.bytes.indexOf(LINE_END, this.at);
    if (end < 0) return null;
    const line = this.bytes.toString('latin1', this.at, end);
    if (!line.startsWith(sign)) throw new Error(`This is no command of Redis: ${JSON.stringify(line)}`);
    this.at = end + LINE_END.length;
    return Number(line.slice(1));
  }
}
