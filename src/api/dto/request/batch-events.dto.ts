import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { INSTALL_ID_MAX_LENGTH, INSTALL_ID_MIN_LENGTH } from '../../../shared/rules/install-id.rule.js';
import { MAX_EVENTS } from '../../validators/event.validator.js';

/** Documents an event; the value objects of the domain validate it. */
export class EventItemDto {
  @ApiProperty({
    description:
      'Kind of the event. `app_session_start` makes its user active on its day · 事件名，`app_session_start` 计入当日活跃',
    example: 'app_session_start',
    maxLength: 64,
    pattern: '^[a-z][a-z0-9_]*$',
  })
  eventName!: string;

  @ApiPropertyOptional({
    description:
      'The user who was logged in when the event happened, a decimal string from 1 to 2^63 − 1. Filled from the token when ' +
      'absent; another user than the token’s rejects the event · 事件发生时的登录用户，缺省时取自令牌，与令牌不符则拒绝',
    example: '12345',
    pattern: '^[1-9][0-9]{0,18}$',
  })
  userId?: string;

  @ApiProperty({
    description:
      'Identifies the installation; usually a UUID. No constant that many devices share, such as the nil UUID · 安装标识，通常为 UUID，不得为多设备共用的常量',
    example: '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11',
    minLength: INSTALL_ID_MIN_LENGTH,
    maxLength: INSTALL_ID_MAX_LENGTH,
  })
  installId!: string;

  @ApiProperty({
    type: 'number',
    format: 'double',
    description:
      'Time of the event by the device’s clock: Unix seconds, fractions allowed · 设备时钟的 Unix 秒，可带小数',
    example: 1732685100.25,
  })
  clientTs!: number;

  @ApiPropertyOptional({
    description:
      'At most 32 KiB of JSON, 16 levels deep, 512 keys. Numbers keep their digits. `province` and `city` feed the breakdowns; ' +
      'each province of China is stored under one name · 属性，数字原样保存，province 与 city 用于分省分市统计，各省级行政区统一为一个名称',
    type: 'object',
    additionalProperties: true,
    example: { os: 'Android', osVersion: '15', appVersion: '2.4.0', province: '广东省', city: '深圳市' },
  })
  properties?: Record<string, unknown>;

  @ApiPropertyOptional({
    description:
      'Any UUID, chosen once for the event. Sent again with the same clientTs, the event is counted as a duplicate and not stored. No constant such as the nil UUID · 事件的幂等键，重发时不变',
    format: 'uuid',
    example: '0193560a-7c22-7f6a-9d0e-3a1b52c4e7f0',
  })
  eventId?: string;
}

export class BatchEventsDto {
  @ApiProperty({ type: [EventItemDto], minItems: 1, maxItems: MAX_EVENTS })
  events!: EventItemDto[];

  @ApiPropertyOptional({
    type: 'number',
    format: 'double',
    description:
      'The device’s clock at the moment of this very attempt to send, Unix seconds; a retry sends a new one. Lets a clock ' +
      'that is more than 5 minutes off be corrected · 本次发送时的设备时钟，用于校正',
    example: 1732685160,
  })
  sentAt?: number;
}

/** The body that the page of the API docs sends: it fits every token, and `sentAt` makes up for its age. */
export const BATCH_EXAMPLES = {
  session: {
    summary: 'The start of a session · 会话开始',
    value: {
      events: [
        {
          eventName: 'app_session_start',
          installId: '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11',
          clientTs: 1732685100.25,
          properties: {
            os: 'Android',
            osVersion: '15',
            appVersion: '2.4.0',
            province: '广东省',
            city: '深圳市',
          },
          eventId: '0193560a-7c22-7f6a-9d0e-3a1b52c4e7f0',
        },
      ],
      sentAt: 1732685160,
    },
  },
};
