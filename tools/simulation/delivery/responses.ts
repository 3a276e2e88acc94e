/** A response that breaks the contract. Every reader in this file throws it. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

export interface BatchResponse {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
  readonly rejected: readonly RejectedEvent[];
}

export interface RejectedEvent {
  readonly index: number;
  readonly code: string;
  readonly eventId?: string;
}

export interface OnlineCount {
  readonly count: number;
  readonly windowSeconds: number;
}

export interface DayStats {
  readonly dauCount: number;
  readonly byProvince: ReadonlyMap<string, number>;
  readonly byCity: ReadonlyMap<string, number>;
}

export interface LiveDau {
  readonly day: string;
  readonly dauCount: number;
  readonly standardError: number;
}

/** The minutes of one day that have a snapshot, those that have none, and the highest count. */
export interface DailyOnline {
  readonly samples: number;
  readonly missedMinutes: number;
  /** 0 without a snapshot. */
  readonly peak: number;
}

export function readBatchResponse(body: unknown): BatchResponse {
  const response = readObject(body, 'response');
  const rejected = response['rejected'] ?? [];
  return {
    accepted: readCount(response['accepted'], 'accepted'),
    duplicates: readCount(response['duplicates'], 'duplicates'),
    failed: readCount(response['failed'], 'failed'),
    rejected: readArray(rejected, 'rejected').map((entry) => {
      const { index, code, eventId } = readObject(entry, 'rejected[]') as Record<
        'index' | 'code' | 'eventId',
        unknown
      >;
      return {
        index: readCount(index, 'rejected[].index'),
        code: readText(code, 'rejected[].code'),
        ...(eventId !== undefined && { eventId: readText(eventId, 'rejected[].eventId') }),
      };
    }),
  };
}

export function readHeartbeatResponse(body: unknown): void {
  const response = readObject(body, 'response');
  if (response['ok'] !== true) throw new ContractError('ok is not true');
  if (typeof response['serverTs'] !== 'number') throw new ContractError('serverTs is not a number');
}

export function readOnlineCount(body: unknown): OnlineCount {
  const response = readObject(body, 'response');
  return {
    count: readCount(response['count'], 'count'),
    windowSeconds: readCount(response['windowSeconds'], 'windowSeconds'),
  };
}

/** Returns the figures by day; a day without actives is absent. */
export function readDau(body: unknown): Map<string, DayStats> {
  const days = readArray(readObject(body, 'response')['data'], 'data').map((entry): [string, DayStats] => {
    const row = readObject(entry, 'data[]');
    return [
      readText(row['day'], 'data[].day'),
      {
        dauCount: readCount(row['dauCount'], 'data[].dauCount'),
        byProvince: readCounts(row['byProvince'] ?? {}, 'data[].byProvince'),
        byCity: readCounts(row['byCity'] ?? {}, 'data[].byCity'),
      },
    ];
  });
  return new Map(days);
}

/** Returns the minutes by day. */
export function readDailyOnline(body: unknown): Map<string, DailyOnline> {
  const days = readArray(readObject(body, 'response')['data'], 'data').map((entry): [string, DailyOnline] => {
    const row = readObject(entry, 'data[]');
    const peak = row['peak'] === undefined ? 0 : readObject(row['peak'], 'data[].peak')['onlineCount'];
    return [
      readText(row['day'], 'data[].day'),
      {
        samples: readCount(row['samples'], 'data[].samples'),
        missedMinutes: readCount(row['missedMinutes'], 'data[].missedMinutes'),
        peak: readCount(peak, 'data[].peak.onlineCount'),
      },
    ];
  });
  return new Map(days);
}

export function readLiveDau(body: unknown): LiveDau {
  const response = readObject(body, 'response');
  const standardError = response['standardError'];
  if (typeof standardError !== 'number' || !(standardError >= 0)) {
    throw new ContractError('standardError is not a number');
  }
  return {
    day: readText(response['day'], 'day'),
    dauCount: readCount(response['dauCount'], 'dauCount'),
    standardError,
  };
}

function readCounts(value: unknown, name: string): Map<string, number> {
  return new Map(
    Object.entries(readObject(value, name)).map(([key, number]) => [
      key,
      readCount(number, `${name}.${key}`),
    ]),
  );
}

function readObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ContractError(`${name} is not an object`);
  }
  return value as Record<string, unknown>;
}

function readArray(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ContractError(`${name} is not an array`);
  return value as unknown[];
}

function readCount(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ContractError(`${name} is not a count`);
  }
  return value;
}

function readText(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new ContractError(`${name} is not a non-empty string`);
  return value;
}
