import { ApiProperty } from '@nestjs/swagger';

export class OnlineCountResponseDto {
  @ApiProperty({ example: 1234 })
  count!: number;

  @ApiProperty({
    description: 'A user is online when the last heartbeat is younger than this · 在线窗口（秒）',
    example: 180,
  })
  windowSeconds!: number;

  @ApiProperty({ example: '2025-01-15T10:30:00.000Z', format: 'date-time' })
  queriedAt!: string;
}
