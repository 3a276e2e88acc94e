import { ApiProperty } from '@nestjs/swagger';

export class ReadinessDto {
  @ApiProperty({
    enum: ['ok', 'degraded', 'unavailable'],
    example: 'ok',
    description: '`degraded`: the service still does its job without what is down',
  })
  status!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    example: { database: 'up', redis: 'up', kafka: 'down' },
  })
  dependencies!: Readonly<Record<string, string>>;
}
