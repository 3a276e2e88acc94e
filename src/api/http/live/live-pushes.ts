import type { LiveStream } from './live-stream.js';

/** Streams that are written to before requests get their turn: some three milliseconds of work. */
const SLICE = 200;

interface Push {
  readonly stream: LiveStream;
  readonly frame: Buffer;
}

/**
 * Writes frames to many streams in order, slice by slice, so that no request waits for all of them.
 * Holds references to frames alone, which all streams share.
 */
export class LivePushes {
  private readonly waiting: Push[] = [];
  private isScheduled = false;

  constructor(private readonly write: (stream: LiveStream, frame: Buffer) => void) {}

  add(stream: LiveStream, frame: Buffer): void {
    this.waiting.push({ stream, frame });
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.length === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.writeSlice();
    });
  }

  private writeSlice(): void {
    for (const { stream, frame } of this.waiting.splice(0, SLICE)) this.write(stream, frame);
    this.schedule();
  }
}
