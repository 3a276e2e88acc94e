import { ApiProperty } from '@nestjs/swagger';
import type { ServiceStatus } from '../../../application/queries/get-service-status/get-service-status.query.js';

const STATES = ['ok', 'unknown'] as const;
const AS_OF = {
  format: 'date-time',
  example: '2025-01-15T10:30:00.000Z',
  description: 'Instant of the reading, at most ten seconds old · 读数时刻，至多十秒前',
} as const;
const STATE = {
  enum: STATES,
  example: 'ok',
  description: '`unknown`: the part that holds the figure did not answer · `unknown`：对应部分无响应',
} as const;

class DependencyStatusDto {
  @ApiProperty({ example: 'database' })
  name!: string;

  @ApiProperty({ enum: ['up', 'down'], example: 'up' })
  status!: 'up' | 'down';

  @ApiProperty({
    format: 'date-time',
    example: '2025-01-15T08:00:00.000Z',
    description:
      'Start of this status, as the answering replica has seen it since its own start · 该状态的起始时刻（以应答副本所见为准）',
  })
  since!: string;
}

class OutboxReadingDto {
  @ApiProperty(STATE)
  state!: 'ok' | 'unknown';

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 3,
    description: 'Messages that wait to be published, counted up to 100,000 · 待发布消息数，最多计到十万',
  })
  waiting!: number | null;

  @ApiProperty({
    type: 'number',
    format: 'double',
    nullable: true,
    example: 0.4,
    description:
      'Age of the oldest waiting message in seconds; null when none waits · 最早待发布消息的等待秒数',
  })
  oldestSeconds!: number | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 0,
    description: 'Lanes whose last attempt to publish failed · 最近一次发布失败的通道数',
  })
  failingLanes!: number | null;

  @ApiProperty({
    enum: ['kafka', 'log', null],
    nullable: true,
    type: 'string',
    example: 'kafka',
    description:
      'Takes the messages; null: nothing does, and they wait · 消息去向；null 表示无去向，消息等待',
  })
  target!: 'kafka' | 'log' | null;

  @ApiProperty(AS_OF)
  asOf!: string;
}

class ConsumerReadingDto {
  @ApiProperty(STATE)
  state!: 'ok' | 'unknown';

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 0,
    description: 'Identity messages that no replica has committed yet · 尚未被任何副本提交的身份消息数',
  })
  lagMessages!: number | null;

  @ApiProperty(AS_OF)
  asOf!: string;
}

export class ServiceStatusDto {
  @ApiProperty({
    enum: ['ok', 'degraded', 'unavailable', 'shutting_down'],
    example: 'ok',
    description: 'As in `/health/ready` · 含义同 `/health/ready`',
  })
  status!: 'ok' | 'degraded' | 'unavailable' | 'shutting_down';

  @ApiProperty({
    enum: ['ok', 'off'],
    example: 'ok',
    description: 'As in `/health/ready` · 含义同 `/health/ready`',
  })
  clock!: 'ok' | 'off';

  @ApiProperty(AS_OF)
  asOf!: string;

  @ApiProperty({ type: [DependencyStatusDto] })
  dependencies!: DependencyStatusDto[];

  @ApiProperty({ type: OutboxReadingDto })
  outbox!: OutboxReadingDto;

  @ApiProperty({
    type: ConsumerReadingDto,
    nullable: true,
    description: 'Null where no Kafka is configured · 未配置 Kafka 时为 null',
  })
  identityConsumer!: ConsumerReadingDto | null;
}

export function toServiceStatus(status: ServiceStatus): ServiceStatusDto {
  const { asOf, dependencies, outbox, identityConsumer } = status;
  return {
    ...status,
    asOf: asOf.toISOString(),
    dependencies: dependencies.map((each) => ({ ...each, since: each.since.toISOString() })),
    outbox: { ...outbox, asOf: outbox.asOf.toISOString() },
    identityConsumer: identityConsumer && { ...identityConsumer, asOf: identityConsumer.asOf.toISOString() },
  };
}
