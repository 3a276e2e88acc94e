import type { ServiceStatus } from '../../api/types.js';
import { usePolled } from '../../api/use-polled.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { Card } from '../../ui/card.js';
import { consumerLine, oldestReadingMs, outboxLine, type HealthLine, type Tone } from './health-lines.js';
import { SERVICE_HEALTH_MESSAGES } from './service-health-messages.js';

const EVERY_MS = 10_000;

/** Names of the products, which are the same in every language. */
const PRODUCTS: Readonly<Record<string, string>> = { database: 'PostgreSQL', redis: 'Redis', kafka: 'Kafka' };

const STATUS_TONES: Readonly<Record<ServiceStatus['status'], Tone>> = {
  ok: 'good',
  degraded: 'warn',
  unavailable: 'bad',
  shutting_down: 'warn',
};

/** State of each dependency, age of the outbox, and lag of the consumer. */
export function ServiceHealthPanel() {
  const texts = useMessages(SERVICE_HEALTH_MESSAGES);
  const figure = usePolled('status', EVERY_MS, (api, signal) => api.GET('/status', { signal }));
  return (
    <Card
      title={texts.title}
      span={3}
      figure={figure}
      foot={(status) => ({ countedAtMs: oldestReadingMs(status) })}
    >
      {(status) => <Health status={status} />}
    </Card>
  );
}

function Health({ status }: { readonly status: ServiceStatus }) {
  const { format } = useI18n();
  const texts = useMessages(SERVICE_HEALTH_MESSAGES);
  const asOfMs = Date.parse(status.asOf);
  const dependencies = status.dependencies.map((one): HealthLine => {
    const isUp = one.status === 'up';
    const age = format.duration(Math.max(0, asOfMs - Date.parse(one.since)) / 1000);
    return {
      name: PRODUCTS[one.name] ?? one.name,
      ...{ tone: isUp ? 'good' : 'bad', state: isUp ? texts.up : texts.down, note: texts.since(age) },
    };
  });
  const isRight = status.clock === 'ok';
  const lines: readonly HealthLine[] = [
    ...dependencies,
    outboxLine(status.outbox, texts, format),
    ...(status.identityConsumer === null ? [] : [consumerLine(status.identityConsumer, texts, format)]),
    {
      ...{ name: texts.clock, tone: isRight ? 'good' : 'warn' },
      ...{ state: isRight ? texts.clockOk : texts.clockOff, note: null },
    },
  ];
  return (
    <>
      <p>
        <span class={`tag tag-${STATUS_TONES[status.status]}`} role="status">
          <span class="dot" aria-hidden="true" />
          {texts.status[status.status]}
        </span>
      </p>
      <ul class="health" aria-label={texts.title}>
        {lines.map((line) => (
          <Line key={line.name} {...line} />
        ))}
      </ul>
    </>
  );
}

function Line({ name, tone, state, note }: HealthLine) {
  return (
    <li>
      <span class={`dot tone-${tone}`} aria-hidden="true" />
      <span class="health-name">{name}</span>
      <span class="health-state">
        <span class={`tone-${tone}`}>{state}</span>
        {note !== null && <small>{note}</small>}
      </span>
    </li>
  );
}
