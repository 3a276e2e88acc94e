import { ApiProperty } from '@nestjs/swagger';

export class ReadinessDto {
  @ApiProperty({
    enum: ['ok', 'degraded', 'unavailable', 'shutting_down'],
    example: 'ok',
    description:
      '`degraded`: the service does its job although a dependency is missing or the clock is off; `shutting_down`: it still serves and ' +
      'ends soon · `degraded`：缺少依赖或时钟有偏差，仍可工作；`shutting_down`：仍在服务，即将停止',
  })
  status!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    example: { database: 'up', redis: 'up', kafka: 'down' },
  })
  dependencies!: Readonly<Record<string, string>>;

  @ApiProperty({
    enum: ['ok', 'off'],
    example: 'ok',
    description:
      '`off`: the clock of this machine is more than 5 s from the stores’ clock, which the service goes by · ' +
      '`off`：本机时钟与存储的时钟相差超过 5 秒，服务以存储的时钟为准',
  })
  clock!: string;
}
