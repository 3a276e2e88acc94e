import { DomainException } from '../../shared/exceptions/domain.exception.js';
import type { ErrorCode } from '../../shared/exceptions/error-catalogue.js';

/** Tells a client why an item of its batch was rejected. */
export interface RejectionReason {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly message: string;
}

export interface RejectedItem extends RejectionReason {
  /** Position in the batch, from 0. */
  readonly index: number;
}

export interface ParsedItems<Parsed, Rejected> {
  readonly parsed: Parsed[];
  readonly rejected: Rejected[];
}

/** Parses each item of a batch by itself, so that a bad one fails none of its neighbours. */
export function parseEach<Parsed, Rejected>(
  items: readonly unknown[],
  parse: (item: unknown) => Parsed,
  reject: (item: unknown, index: number, error: DomainException) => Rejected,
): ParsedItems<Parsed, Rejected> {
  const parsed: Parsed[] = [];
  const rejected: Rejected[] = [];
  items.forEach((item, index) => {
    try {
      parsed.push(parse(item));
    } catch (error) {
      if (!(error instanceof DomainException)) throw error;
      rejected.push(reject(item, index, error));
    }
  });
  return { parsed, rejected };
}

export function reasonOf({ code, field, message }: DomainException): RejectionReason {
  return { code, ...(field !== undefined && { field }), message };
}
