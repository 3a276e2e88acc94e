import { describe, expect, it } from '@jest/globals';
import type { ServiceStatus } from '../../../../web/src/api/types.js';
import { formatsOf } from '../../../../web/src/i18n/formats.js';
import {
  consumerLine,
  oldestReadingMs,
  outboxLine,
} from '../../../../web/src/panels/service-health/health-lines.js';
import { SERVICE_HEALTH_MESSAGES } from '../../../../web/src/panels/service-health/service-health-messages.js';

const TEXTS = SERVICE_HEALTH_MESSAGES.en;
const FORMAT = formatsOf('en');
const AS_OF = '2026-11-27T10:00:00.000Z';

const outbox = (part: Partial<ServiceStatus['outbox']>) =>
  outboxLine(
    { asOf: AS_OF, state: 'ok', waiting: 0, oldestSeconds: null, failingLanes: 0, target: 'kafka', ...part },
    TEXTS,
    FORMAT,
  );
const consumer = (lagMessages: number | null, state: 'ok' | 'unknown' = 'ok') =>
  consumerLine({ asOf: AS_OF, state, lagMessages }, TEXTS, FORMAT);

describe('the line of the outbox', () => {
  it('is good while what waits is young', () => {
    expect(outbox({})).toMatchObject({ tone: 'good', state: TEXTS.empty, note: null });
    expect(outbox({ waiting: 1200, oldestSeconds: 12 })).toMatchObject({
      ...{ tone: 'good', state: '1,200 waiting' },
      note: TEXTS.oldest(FORMAT.duration(12)),
    });
  });

  it('warns of messages that have waited for more than a minute, and of lanes that fail', () => {
    expect(outbox({ waiting: 3, oldestSeconds: 61 }).tone).toBe('warn');
    expect(outbox({ waiting: 3, oldestSeconds: 5, failingLanes: 2 })).toMatchObject({
      ...{ tone: 'bad', note: `${TEXTS.oldest(FORMAT.duration(5))} · 2 lanes fail` },
    });
    expect(outbox({ failingLanes: 1 })).toMatchObject({ tone: 'bad', note: '1 lane fails' });
  });

  it.each(Object.values(SERVICE_HEALTH_MESSAGES))(
    'names no number of lanes, which a cluster exceeds',
    (texts) => {
      expect(texts.failingLanes('12').replace('12', '')).not.toMatch(/\d/);
    },
  );

  it('says where messages go when that is not Kafka, and when nothing is known', () => {
    expect(outbox({ target: null }).note).toBe(TEXTS.noTarget);
    expect(outbox({ target: 'log' }).note).toBe(TEXTS.toLog);
    expect(outbox({ state: 'unknown', waiting: null })).toMatchObject({ tone: 'warn', state: TEXTS.unknown });
  });
});

describe('the line of the consumer', () => {
  it('tells how many messages it is behind, and warns of many', () => {
    expect(consumer(0)).toMatchObject({ tone: 'good', state: TEXTS.caughtUp });
    expect(consumer(1000)).toMatchObject({ tone: 'good', state: '1,000 behind' });
    expect(consumer(1001).tone).toBe('warn');
    expect(consumer(null, 'unknown')).toMatchObject({ tone: 'warn', state: TEXTS.unknown });
  });
});

describe('the health of the service', () => {
  it('is as old as the oldest of its readings', () => {
    const later = '2026-11-27T10:00:05.000Z';
    const reading = { state: 'ok', waiting: 0, oldestSeconds: null, failingLanes: 0, target: 'log' } as const;
    const status: ServiceStatus = {
      ...{ asOf: later, clock: 'ok', status: 'ok', dependencies: [], identityConsumer: null },
      outbox: { ...reading, asOf: AS_OF },
    };
    expect(oldestReadingMs(status)).toBe(Date.parse(AS_OF));
    const outboxLater = { ...status.outbox, asOf: later };
    expect(oldestReadingMs({ ...status, outbox: outboxLater })).toBe(Date.parse(later));
  });
});
