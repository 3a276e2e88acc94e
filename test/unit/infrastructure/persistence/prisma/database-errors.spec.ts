import { describe, expect, it } from '@jest/globals';
import pg from 'pg';

import {
  isConnectionLost,
  isUnavailable,
  sqlStateOf,
} from '../../../../../src/infrastructure/persistence/prisma/database-errors.js';

function answered(state: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code: state });
}

const withCode = (code: string): Error => Object.assign(new Error('connect'), { code });

describe('errors of the driver', () => {
  it.each(['23505', '22P02', '57P01', '40P01'])('carry the SQLSTATE %s of the server’s answer', (state) => {
    expect(sqlStateOf(answered(state))).toBe(state);
  });

  it.each(['08006', '28P01', '3D000', '40001', '42P01', '53300', '57P03'])(
    'mean an unavailable database with SQLSTATE %s',
    (state) => {
      expect(isUnavailable(answered(state))).toBe(true);
    },
  );

  it.each(['22P02', '23505', '42601'])('blame the statement with SQLSTATE %s', (state) => {
    expect(isUnavailable(answered(state))).toBe(false);
  });

  it.each(['40001', '40P01', '42501', '53300', '55P03', '25006'])(
    'are answers of a server that is there with SQLSTATE %s',
    (state) => {
      expect(isConnectionLost(answered(state))).toBe(false);
    },
  );

  it.each([answered('08006'), answered('57P01'), answered('57P03'), new Error('Query read timeout')])(
    'mean a lost connection: %s',
    (error) => {
      expect(isConnectionLost(error)).toBe(true);
    },
  );

  it.each([
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'],
    ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ...['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ])('mean an unavailable database with the code %s', (code) => {
    expect(isUnavailable(withCode(code))).toBe(true);
  });

  it.each([
    'Query read timeout',
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'The server does not support SSL connections',
    'Cannot use a pool after calling end on the pool',
  ])('mean an unavailable database with the message: %s', (message) => {
    expect(isUnavailable(new Error(message))).toBe(true);
  });

  it.each([new TypeError('x is not a function'), withCode('ERR_INVALID_ARG_TYPE'), null, 'text'])(
    'do not mean an unavailable database otherwise: %s',
    (error) => {
      expect(isUnavailable(error)).toBe(false);
    },
  );
});
