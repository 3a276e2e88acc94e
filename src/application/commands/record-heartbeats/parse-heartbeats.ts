import { InstallId } from '../../../domain/value-objects/install-id.vo.js';
import { DomainException } from '../../../shared/exceptions/domain.exception.js';
import { describeAppVersion, isAppVersion } from '../../../shared/rules/app-version.rule.js';
import { describeUserId, parseUserId } from '../../../shared/rules/user-id.rule.js';
import { isJsonObject } from '../../../shared/utils/exact-json.js';
import { fieldMessage } from '../../../shared/utils/field-message.util.js';
import { parseEach, reasonOf, type RejectedItem } from '../../services/parse-each.js';
import type { HeartbeatItem } from './record-heartbeats.command.js';

export interface ParsedHeartbeat {
  readonly userId: bigint;
  readonly installId: string | null;
}

export interface ParsedHeartbeats {
  readonly heartbeats: readonly ParsedHeartbeat[];
  readonly rejected: readonly RejectedItem[];
}

/** Checks each heartbeat by itself, and rejects the bad ones with a reason each. */
export function parseHeartbeats(items: readonly unknown[]): ParsedHeartbeats {
  const { parsed, rejected } = parseEach(items, parseHeartbeat, (_item, index, error) => ({
    index,
    ...reasonOf(error),
  }));
  return { heartbeats: parsed, rejected };
}

function parseHeartbeat(item: unknown): ParsedHeartbeat {
  if (!isItem(item)) {
    const nextStep = 'send an object with userId, and installId and appVersion where they are known';
    throw new DomainException('heartbeat_invalid', {
      detail: fieldMessage('A heartbeat', 'be a JSON object', item, nextStep),
    });
  }
  const { installId = null, appVersion = null } = item;
  const userId = parseUserId(item.userId);
  if (userId === null) {
    const detail = describeUserId(item.userId, 'leave the heartbeat out when nobody is logged in');
    throw new DomainException('user_id_invalid', { detail, field: 'userId' });
  }
  if (appVersion !== null && !isAppVersion(appVersion)) {
    const detail = describeAppVersion(appVersion);
    throw new DomainException('heartbeat_invalid', { detail, field: 'appVersion' });
  }
  return { userId, installId: installId === null ? null : InstallId.fromString(installId).value };
}

function isItem(value: unknown): value is HeartbeatItem {
  return isJsonObject(value);
}
