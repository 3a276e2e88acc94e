import { Histogram } from 'prom-client';
import { metricsRegistry } from './metrics.js';

export const kafkaProduceDurationSeconds = new Histogram({
  name: 'analytics_kafka_produce_duration_seconds',
  help: 'Time to send a batch to Kafka, with the connection where one is made; outcome: acknowledged or failed',
  labelNames: ['topic', 'outcome'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  registers: [metricsRegistry],
});
