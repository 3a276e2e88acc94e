import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { INSTALL_ID_MAX_LENGTH, INSTALL_ID_MIN_LENGTH } from '../../../shared/rules/install-id.rule.js';
import { IsUnixSeconds } from '../../validators/field-rules.js';

export class HeartbeatDto {
  @ApiProperty({
    example: '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11',
    minLength: INSTALL_ID_MIN_LENGTH,
    maxLength: INSTALL_ID_MAX_LENGTH,
  })
  @IsString()
  // Leaves room for the spaces that the value object trims.
  @MaxLength(2 * INSTALL_ID_MAX_LENGTH)
  installId!: string;

  @ApiProperty({ example: '2.4.0', maxLength: 64 })
  @IsString()
  @MaxLength(64)
  appVersion!: string;

  @ApiProperty({
    description:
      'Unix seconds by the device’s clock; presence uses the server’s · 设备时钟的 Unix 秒；在线判定以服务器时钟为准',
    example: 1732685100,
  })
  @IsUnixSeconds()
  clientTs!: number;
}
