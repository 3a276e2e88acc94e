import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  InstantArray,
  LongArray,
  UuidArray,
} from '../../src/infrastructure/persistence/mappers/binary-array.js';
import { uuid } from '../support/builders.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openSql, type Sql } from '../support/sql.js';

const MAX_LONG = '9223372036854775807';

let database: TestDatabase;
let owner: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

/** Returns the array as PostgreSQL writes what it has read. */
function read(type: string, array: { toParameter(): Buffer }): Promise<unknown> {
  return owner.value(`SELECT $1::${type}[]::text`, [array.toParameter()]);
}

describe('arrays in binary form', () => {
  it('reads ids', async () => {
    const ids = [uuid(1), 'ffffffff-eeee-4ddd-8ccc-0123456789ab', '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11'];
    const array = new UuidArray(ids.length);
    for (const id of ids) array.add(id);
    expect(await read('uuid', array)).toBe(`{${ids.join()}}`);
  });

  it('reads instants to the millisecond, before 2000 and as late as the year 5138', async () => {
    const instants = [0, 946_684_799_999, 946_684_800_000, 1_732_685_100_250, 99_999_999_999_999];
    const array = new InstantArray(instants.length + 1);
    array.addNull();
    for (const instant of instants) array.add(new Date(instant));
    const shown = await owner.rows(
      `SELECT (extract(epoch FROM instant) * 1000)::bigint::text AS ms FROM unnest($1::timestamptz[]) AS instant`,
      [array.toParameter()],
    );
    expect(shown.map((row) => row['ms'])).toEqual([null, ...instants.map(String)]);
  });

  it('reads whole numbers of 64 bits to the last digit', async () => {
    const numbers = ['1', '4294967295', '4294967296', '999999999999999', '9007199254740993', MAX_LONG];
    const array = new LongArray(numbers.length + 1);
    for (const number of numbers) array.add(number);
    array.addNull();
    expect(await read('bigint', array)).toBe(`{${numbers.join()},NULL}`);
  });

  it.each([
    ['uuid', new UuidArray(0)],
    ['timestamptz', new InstantArray(3)],
    ['bigint', new LongArray(0)],
  ])('reads an empty array of %s', async (type, array) => {
    expect(await read(type, array)).toBe('{}');
  });
});
