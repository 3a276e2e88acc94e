import { ApiProperty } from '@nestjs/swagger';

export class HeartbeatResponseDto {
  @ApiProperty({ example: true })
  ok!: boolean;

  @ApiProperty({
    type: 'integer',
    format: 'int64',
    description: 'Unix seconds by the server’s clock · 服务器时钟的 Unix 秒',
    example: 1732685101,
  })
  serverTs!: number;
}
