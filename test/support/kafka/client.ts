import { Kafka, logLevel } from 'kafkajs';

/** Returns a client of the test itself, which throws every failure and logs nothing. */
export function clientOf(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}
