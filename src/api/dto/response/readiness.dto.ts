import { ApiProperty } from '@nestjs/swagger';

export class ReadinessDto {
  @ApiProperty({
    enum: ['ok', 'degraded', 'unavailable'],
    example: 'ok',
    description: '`degraded`: the service does its job without the missing dependency · 缺少该依赖仍可工作',
  })
  status!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    example: { database: 'up', redis: 'up', kafka: 'down' },
  })
  dependencies!: Readonly<Record<string, string>>;
}
