/** The service's answers, read from unknown JSON: each reader throws when the contract is not kept. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

export interface BatchAnswer {
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

export function readBatchAnswer(body: unknown): BatchAnswer {
  const answer = record(body, 'answer');
  const rejected = answer['rejected'] ?? [];
  return {
    accepted: count(answer['accepted'], 'accepted'),
    duplicates: count(answer['duplicates'], 'duplicates'),
    failed: count(answer['failed'], 'failed'),
    rejected: list(rejected, 'rejected').map((entry) => {
      const { index, code, eventId } = record(entry, 'rejected[]') as Record<
        'index' | 'code' | 'eventId',
        unknown
      >;
      return {
        index: count(index, 'rejected[].index'),
        code: text(code, 'rejected[].code'),
        ...(eventId !== undefined && { eventId: text(eventId, 'rejected[].eventId') }),
      };
    }),
  };
}

export function readHeartbeatAnswer(body: unknown): void {
  const answer = record(body, 'answer');
  if (answer['ok'] !== true) throw new ContractError('ok is not true');
  if (typeof answer['serverTs'] !== 'number') throw new ContractError('serverTs is no number');
}

export function readOnlineCount(body: unknown): OnlineCount {
  const answer = record(body, 'answer');
  return {
    count: count(answer['count'], 'count'),
    windowSeconds: count(answer['windowSeconds'], 'windowSeconds'),
  };
}

/** By day; a day without actives is absent. */
export function readDau(body: unknown): Map<string, DayStats> {
  const days = list(record(body, 'answer')['data'], 'data').map((entry): [string, DayStats] => {
    const row = record(entry, 'data[]');
    return [
      text(row['day'], 'data[].day'),
      {
        dauCount: count(row['dauCount'], 'data[].dauCount'),
        byProvince: counts(row['byProvince'] ?? {}, 'data[].byProvince'),
        byCity: counts(row['byCity'] ?? {}, 'data[].byCity'),
      },
    ];
  });
  return new Map(days);
}

export function readLiveDau(body: unknown): LiveDau {
  const answer = record(body, 'answer');
  const standardError = answer['standardError'];
  if (typeof standardError !== 'number' || !(standardError >= 0)) {
    throw new ContractError('standardError is no number');
  }
  return { day: text(answer['day'], 'day'), dauCount: count(answer['dauCount'], 'dauCount'), standardError };
}

function counts(value: unknown, name: string): Map<string, number> {
  return new Map(
    Object.entries(record(value, name)).map(([key, number]) => [key, count(number, `${name}.${key}`)]),
  );
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ContractError(`${name} is no object`);
  }
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ContractError(`${name} is no array`);
  return value as unknown[];
}

function count(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ContractError(`${name} is no count`);
  }
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new ContractError(`${name} is no text`);
  return value;
}
