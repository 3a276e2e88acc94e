import { ApiProperty } from '@nestjs/swagger';

export class HeartbeatResponseDto {
  @ApiProperty({ example: true })
  ok!: boolean;

  @ApiProperty({ description: 'Unix seconds by the server’s clock', example: 1732685101 })
  serverTs!: number;
}
