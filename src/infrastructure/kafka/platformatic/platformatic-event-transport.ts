import type { KafkaConfig } from '../../../config/kafka.config.js';
import type { EventChannel, EventTransport } from '../../outbox/event-transport.js';
import { toEventRecord } from '../event-record.js';
import { PublishHealth } from '../publish-health.js';
import { PublishingError } from './platformatic-errors.js';
import { PlatformaticProducer } from './platformatic-producer.js';
import { askLeaders, ensurePlatformaticTopic, withPlatformaticAdmin } from './platformatic-topics.js';

/** Publishes to Kafka with @platformatic/kafka, by the rules of {@link PlatformaticProducer}. */
export class PlatformaticEventTransport implements EventTransport {
  private readonly health = new PublishHealth(
    (error) => error instanceof PublishingError && (error.isTooLarge || error.isConnectionError),
  );

  constructor(private readonly config: KafkaConfig) {}

  openChannel(): EventChannel {
    const producer = new PlatformaticProducer(this.config, this.config.topicAnalytics);
    return {
      send: (messages) => this.health.watch(() => producer.send(messages.map(toEventRecord))),
      close: () => producer.close(),
    };
  }

  /** Asks the leader of every partition over new connections; what only a write can show is known from the last one. */
  async check(): Promise<void> {
    this.health.check();
    const { config } = this;
    await withPlatformaticAdmin(config, async (admin) => {
      await ensurePlatformaticTopic(admin, config.topicAnalytics, config);
      await askLeaders(admin, config.topicAnalytics);
    });
  }
}
