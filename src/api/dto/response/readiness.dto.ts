import { ApiProperty } from '@nestjs/swagger';

export class ReadinessDto {
  @ApiProperty({
    enum: ['ok', 'degraded', 'unavailable', 'shutting_down'],
    example: 'ok',
    description:
      '`degraded`: the service does its job without the missing dependency; `shutting_down`: it still serves and ' +
      'ends soon · `degraded`：缺少该依赖仍可工作；`shutting_down`：仍在服务，即将停止',
  })
  status!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    example: { database: 'up', redis: 'up', kafka: 'down' },
  })
  dependencies!: Readonly<Record<string, string>>;
}
