export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/**
 * Parses `text/event-stream` as it arrives (HTML Standard, 9.2.6). `EventSource` cannot send the token.
 * Chunks may end anywhere, also between the two characters of a line break.
 */
export class EventStreamParser {
  /** Id of the last event that had one, also when its data was empty. */
  lastEventId = '';
  /** The wait that the server asks for before the next connection. */
  retryMs: number | null = null;
  private buffer = '';
  private isFirstChunk = true;
  private name = '';
  private data: string[] = [];
  private id = '';

  push(chunk: string): StreamEvent[] {
    let text = this.buffer + chunk;
    if (this.isFirstChunk && text !== '') {
      this.isFirstChunk = false;
      text = text.replace(/^\uFEFF/, '');
    }
    const events: StreamEvent[] = [];
    const lineBreak = /\r\n|\n|\r/g;
    let start = 0;
    for (let match = lineBreak.exec(text); match !== null; match = lineBreak.exec(text)) {
      // The line feed of this carriage return may be in the next chunk.
      if (match[0] === '\r' && lineBreak.lastIndex === text.length) break;
      const event = this.readLine(text.slice(start, match.index));
      if (event !== null) events.push(event);
      start = lineBreak.lastIndex;
    }
    this.buffer = text.slice(start);
    return events;
  }

  private readLine(line: string): StreamEvent | null {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.name = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  private dispatch(): StreamEvent | null {
    const { name, data } = this;
    this.lastEventId = this.id;
    this.name = '';
    this.data = [];
    return data.length === 0 ? null : { name: name === '' ? 'message' : name, data: data.join('\n') };
  }
}
