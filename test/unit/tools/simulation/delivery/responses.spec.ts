import { describe, expect, it } from '@jest/globals';
import {
  ContractError,
  readBatchResponse,
  readDau,
  readHeartbeatResponse,
} from '../../../../../tools/simulation/delivery/responses.js';

describe('response readers', () => {
  it('read the fields of the contract and ignore others', () => {
    const rejected = [{ index: 2, code: 'X', message: 'x', field: 'y' }];
    expect(readBatchResponse({ accepted: 1, duplicates: 0, failed: 1, rejected })).toEqual({
      accepted: 1,
      duplicates: 0,
      failed: 1,
      rejected: [{ index: 2, code: 'X' }],
    });
    expect(readDau({ data: [{ day: '2025-03-10', dauCount: 1, byCity: { a: 1 } }], total: 1 })).toEqual(
      new Map([['2025-03-10', { dauCount: 1, byProvince: new Map(), byCity: new Map([['a', 1]]) }]]),
    );
  });

  it.each([undefined, null, [], 'text', {}, { accepted: '1', duplicates: 0, failed: 0 }])(
    'throw a ContractError for %j',
    (body) => {
      expect(() => readBatchResponse(body)).toThrow(ContractError);
      expect(() => readHeartbeatResponse(body)).toThrow(ContractError);
      expect(() => readDau(body)).toThrow(ContractError);
    },
  );
});
