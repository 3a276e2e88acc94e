import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

/** One adapter of a repository, as two replicas use it; both may be the same object. */
export interface RepositoryHarness<Repository> {
  /** Returns repositories without data. */
  open(): readonly [Repository, Repository];
  release(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Gives each test of a contract two empty repositories of one adapter.
 *
 * @param assign runs before each test
 */
export function useHarness<Repository>(
  start: () => Promise<RepositoryHarness<Repository>>,
  assign: (replica: Repository, other: Repository) => void,
): void {
  let harness: RepositoryHarness<Repository>;

  beforeAll(async () => {
    harness = await start();
  });

  beforeEach(() => {
    assign(...harness.open());
  });

  afterEach(() => harness.release());

  afterAll(() => harness.close());
}
