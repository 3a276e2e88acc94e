import { ApiProperty } from '@nestjs/swagger';
import { INSTALL_ID_MAX_LENGTH, INSTALL_ID_MIN_LENGTH } from '../../../shared/rules/install-id.rule.js';
import { IsInstallId, IsText, IsUnixSeconds } from '../../validators/field-rules.js';

export class HeartbeatDto {
  @ApiProperty({
    example: '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11',
    minLength: INSTALL_ID_MIN_LENGTH,
    maxLength: INSTALL_ID_MAX_LENGTH,
  })
  @IsInstallId()
  installId!: string;

  @ApiProperty({ example: '2.4.0', maxLength: 64 })
  @IsText({ maxLength: 64, example: '2.4.0' })
  appVersion!: string;

  @ApiProperty({
    description:
      'Unix seconds by the device’s clock; presence uses the server’s · 设备时钟的 Unix 秒；在线判定以服务器时钟为准',
    example: 1732685100,
  })
  @IsUnixSeconds()
  clientTs!: number;
}
