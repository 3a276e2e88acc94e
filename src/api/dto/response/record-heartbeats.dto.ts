import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CATALOGUE, errorCodesIn } from '../../../shared/exceptions/error-catalogue.js';

export class RejectedHeartbeatDto {
  @ApiProperty({
    type: 'integer',
    description: 'Position in the request, from 0 · 请求内位置，从 0 起',
    example: 3,
  })
  index!: number;

  @ApiProperty({
    description: 'Stable; see docs/errors.md · 稳定不变，见 docs/errors.md',
    enum: errorCodesIn('heartbeat'),
    enumName: 'HeartbeatErrorCode',
    example: 'user_id_invalid',
  })
  code!: string;

  @ApiPropertyOptional({ example: 'userId' })
  field?: string;

  @ApiProperty({ example: ERROR_CATALOGUE.user_id_invalid.detail })
  message!: string;
}

export class RecordHeartbeatsResponseDto {
  @ApiProperty({
    type: 'integer',
    description: 'Stored and handed to Kafka’s buffer · 已记录并进入发布缓冲',
    example: 999,
  })
  accepted!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Rejected; sending them again unchanged is pointless · 被拒绝，原样重发无意义',
    example: 1,
  })
  failed!: number;

  @ApiProperty({
    type: 'integer',
    format: 'int64',
    description: 'Unix seconds by the server’s clock · 服务器时钟的 Unix 秒',
    example: 1732685101,
  })
  serverTs!: number;

  @ApiPropertyOptional({ type: [RejectedHeartbeatDto] })
  rejected?: readonly RejectedHeartbeatDto[];
}
