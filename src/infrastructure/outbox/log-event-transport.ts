import { Logger } from '@nestjs/common';
import type { EventChannel, EventTransport } from './event-transport.js';

/** Writes events to the debug log, so that a developer sees without Kafka what subscribers would receive. */
export class LogEventTransport implements EventTransport {
  private readonly logger = new Logger(LogEventTransport.name);

  openChannel(): EventChannel {
    return {
      send: (messages) => {
        for (const { eventType, eventId } of messages) this.logger.debug(`${eventType} ${eventId}`);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }

  check(): Promise<void> {
    return Promise.resolve();
  }
}
