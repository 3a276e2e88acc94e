import { ApiProperty } from '@nestjs/swagger';
import { APP_VERSION_EXAMPLE, APP_VERSION_MAX_LENGTH } from '../../../shared/rules/app-version.rule.js';
import { INSTALL_ID_MAX_LENGTH, INSTALL_ID_MIN_LENGTH } from '../../../shared/rules/install-id.rule.js';
import { IsInstallId, IsText, IsUnixSeconds } from '../../validators/field-rules.js';

export class HeartbeatDto {
  @ApiProperty({
    description: 'As in the events of this installation · 与该安装上报的事件一致',
    example: '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11',
    minLength: INSTALL_ID_MIN_LENGTH,
    maxLength: INSTALL_ID_MAX_LENGTH,
  })
  @IsInstallId()
  installId!: string;

  @ApiProperty({
    description: 'Version of the app · 应用版本',
    example: APP_VERSION_EXAMPLE,
    maxLength: APP_VERSION_MAX_LENGTH,
  })
  @IsText({ maxLength: APP_VERSION_MAX_LENGTH, example: APP_VERSION_EXAMPLE })
  appVersion!: string;

  @ApiProperty({
    type: 'number',
    format: 'double',
    description:
      'Unix seconds by the device’s clock; presence uses the server’s · 设备时钟的 Unix 秒；在线判定以服务器时钟为准',
    example: 1732685100,
  })
  @IsUnixSeconds()
  clientTs!: number;
}
