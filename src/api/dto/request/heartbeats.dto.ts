import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { APP_VERSION_EXAMPLE, APP_VERSION_MAX_LENGTH } from '../../../shared/rules/app-version.rule.js';
import { INSTALL_ID_MAX_LENGTH, INSTALL_ID_MIN_LENGTH } from '../../../shared/rules/install-id.rule.js';
import { MAX_HEARTBEATS } from '../../validators/heartbeat-batch.pipe.js';

/** Documents a heartbeat of a gateway; the application validates it. */
export class HeartbeatItemDto {
  @ApiProperty({
    description: 'The logged-in user, a decimal string from 1 to 2^63 − 1 · 登录用户，十进制字符串',
    example: '12345',
    pattern: '^[1-9][0-9]{0,18}$',
  })
  userId!: string;

  @ApiPropertyOptional({
    description: 'The installation, where the gateway knows it · 安装标识，网关知晓时填写',
    example: '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11',
    minLength: INSTALL_ID_MIN_LENGTH,
    maxLength: INSTALL_ID_MAX_LENGTH,
  })
  installId?: string;

  @ApiPropertyOptional({
    description: 'Version of the app · 应用版本',
    example: APP_VERSION_EXAMPLE,
    maxLength: APP_VERSION_MAX_LENGTH,
  })
  appVersion?: string;
}

export class HeartbeatsDto {
  @ApiProperty({ type: [HeartbeatItemDto], minItems: 1, maxItems: MAX_HEARTBEATS })
  heartbeats!: HeartbeatItemDto[];
}
