import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CATALOGUE, errorCodesIn } from '../../../shared/exceptions/error-catalogue.js';

const EXAMPLE_MESSAGE = ERROR_CATALOGUE.install_id_invalid.detail;

export class RejectedEventDto {
  @ApiProperty({
    type: 'integer',
    description: 'Position in the batch, from 0 · 批内位置，从 0 起',
    example: 3,
  })
  index!: number;

  @ApiPropertyOptional({ example: '0193560a-7c22-7f6a-9d0e-3a1b52c4e7f0' })
  eventId?: string;

  @ApiProperty({
    description: 'Stable; see docs/errors.md · 稳定不变，见 docs/errors.md',
    enum: errorCodesIn('event'),
    enumName: 'EventErrorCode',
    example: 'install_id_invalid',
  })
  code!: string;

  @ApiPropertyOptional({ example: 'installId' })
  field?: string;

  @ApiProperty({ example: EXAMPLE_MESSAGE })
  message!: string;
}

export class RecordEventsResponseDto {
  @ApiProperty({ type: 'integer', description: 'Stored durably · 已落盘', example: 2 })
  accepted!: number;

  @ApiProperty({ type: 'integer', description: 'Stored before, under the same eventId · 重复', example: 0 })
  duplicates!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Rejected; sending them again unchanged is pointless · 被拒绝，原样重发无意义',
    example: 1,
  })
  failed!: number;

  @ApiPropertyOptional({
    type: [String],
    example: [`Event[3]: ${EXAMPLE_MESSAGE}`],
  })
  errors?: readonly string[];

  @ApiPropertyOptional({ type: [RejectedEventDto] })
  rejected?: readonly RejectedEventDto[];
}
