import type { ServiceStatus } from '../../api/types.js';
import type { Formats } from '../../i18n/formats.js';
import type { SERVICE_HEALTH_MESSAGES } from './service-health-messages.js';

export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

export interface HealthLine {
  readonly name: string;
  readonly tone: Tone;
  readonly state: string;
  readonly note: string | null;
}

type Texts = (typeof SERVICE_HEALTH_MESSAGES)['en'];

/** A healthy outbox publishes within seconds. */
const OLD_SECONDS = 60;
const LONG_LAG = 1_000;

export function outboxLine(outbox: ServiceStatus['outbox'], texts: Texts, format: Formats): HealthLine {
  const { state, waiting, oldestSeconds, failingLanes, target } = outbox;
  const name = texts.outbox;
  if (state === 'unknown' || waiting === null)
    return { name, tone: 'warn', state: texts.unknown, note: null };
  const notes = [
    ...(oldestSeconds === null || waiting === 0 ? [] : [texts.oldest(format.duration(oldestSeconds))]),
    ...(failingLanes === null || failingLanes === 0 ? [] : [texts.failingLanes(format.count(failingLanes))]),
    ...(target === null ? [texts.noTarget] : target === 'log' ? [texts.toLog] : []),
  ];
  const isOld = waiting > 0 && (oldestSeconds ?? 0) > OLD_SECONDS;
  return {
    name,
    tone: (failingLanes ?? 0) > 0 ? 'bad' : isOld ? 'warn' : 'good',
    state: waiting === 0 ? texts.empty : texts.waiting(format.count(waiting)),
    note: notes.length === 0 ? null : notes.join(' · '),
  };
}

export function consumerLine(
  { state, lagMessages }: NonNullable<ServiceStatus['identityConsumer']>,
  texts: Texts,
  format: Formats,
): HealthLine {
  const name = texts.consumer;
  if (state === 'unknown' || lagMessages === null)
    return { name, tone: 'warn', state: texts.unknown, note: null };
  return {
    name,
    tone: lagMessages > LONG_LAG ? 'warn' : 'good',
    state: lagMessages === 0 ? texts.caughtUp : texts.lag(format.count(lagMessages)),
    note: null,
  };
}

/** Returns when the oldest reading of an answer was taken, Unix milliseconds. */
export function oldestReadingMs({ asOf, outbox, identityConsumer }: ServiceStatus): number {
  const instants = [asOf, outbox.asOf, ...(identityConsumer === null ? [] : [identityConsumer.asOf])];
  return Math.min(...instants.map((instant) => Date.parse(instant)));
}
