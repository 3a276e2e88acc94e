import { expect, it } from '@jest/globals';
import {
  migrationProblems,
  migrationSums,
  RELEASED_MIGRATIONS,
} from '../../../../tools/release/migrations.js';
import { readProjectFile, ROOT } from '../../deployment/deployment-files.js';

it('released migrations are as they were released', () => {
  const released = JSON.parse(readProjectFile(RELEASED_MIGRATIONS)) as Record<string, string>;

  expect(migrationProblems(released, migrationSums(ROOT))).toEqual([]);
  expect(Object.keys(migrationSums(ROOT)).length).toBeGreaterThan(10);
});

it.each([
  [{ 'a/1.sql': 'x', 'a/2.sql': 'y', 'b/1.sql': 'z' }, []],
  [{ 'a/1.sql': 'x', 'a/3.sql': 'y' }, []],
  [{ 'a/1.sql': 'changed' }, ['a/1.sql was released and is changed: put it back, and add a new migration']],
  [{}, ['a/1.sql was released and is gone: put it back']],
  [{ 'a/0.sql': 'y', 'a/1.sql': 'x' }, ['a/0.sql sorts before a released migration: give it a later number']],
])('beside the released a/1.sql, %j has the problems %j', (today, problems) => {
  expect(migrationProblems({ 'a/1.sql': 'x' }, today)).toEqual(problems);
});
