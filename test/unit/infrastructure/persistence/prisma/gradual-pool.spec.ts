import { EventEmitter } from 'node:events';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';

import { GradualPool } from '../../../../../src/infrastructure/persistence/prisma/gradual-pool.js';

type Done = (error?: Error) => void;

/** A connection whose opening the test ends. */
class SlowConnection extends EventEmitter {
  static opening: SlowConnection[] = [];
  static opened = 0;
  readonly _queryable = true;
  private status: 'I' | null = null;
  private done: Done = () => undefined;

  connect(done: Done): void {
    this.done = done;
    SlowConnection.opening.push(this);
  }

  getTransactionStatus(): 'I' | null {
    return this.status;
  }

  end(done: Done): void {
    done();
  }

  finish(error?: Error): void {
    SlowConnection.opening = SlowConnection.opening.filter((each) => each !== this);
    if (error === undefined) {
      SlowConnection.opened += 1;
      this.status = 'I';
    }
    this.done(error);
  }
}

const BURST = 10;
let pool: GradualPool;
let answers: string[];
let free: pg.PoolClient[];

beforeEach(() => {
  SlowConnection.opening = [];
  SlowConnection.opened = 0;
  [answers, free] = [[], []];
  pool = new GradualPool({ max: BURST, Client: SlowConnection as unknown as new () => pg.Client });
});

afterEach(() => {
  for (const client of free.splice(0)) client.release();
});

/** Lets all callbacks run that are due. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function burst(): void {
  for (let request = 0; request < BURST; request++)
    pool.connect().then(
      (client) => {
        answers.push('connected');
        free.push(client);
      },
      (error: unknown) => answers.push((error as Error).message),
    );
}

describe('a burst of requests on a pool without connections', () => {
  it('opens two connections at a time, and as many as are in use', async () => {
    burst();
    for (let opened = 0; opened < BURST; opened++) {
      expect(SlowConnection.opening).toHaveLength(Math.min(2, BURST - opened));
      SlowConnection.opening[0]!.finish();
      await settle();
    }
    expect(answers).toEqual(Array.from({ length: BURST }, () => 'connected'));
  });

  it('is served by the first connection that becomes free, while another one is still being opened', async () => {
    burst();
    SlowConnection.opening[0]!.finish();
    await settle();
    for (let served = 1; served < BURST - 1; served++) {
      expect(answers).toHaveLength(served);
      free.shift()!.release();
      await settle();
    }
    expect(SlowConnection.opened).toBe(1);
    expect(SlowConnection.opening).toHaveLength(2);
  });

  it('fails soon where no connection can be opened', async () => {
    burst();
    while (SlowConnection.opening.length > 0) {
      SlowConnection.opening[0]!.finish(new Error('refused'));
      await settle();
    }
    expect(answers).toEqual(Array.from({ length: BURST }, () => 'refused'));
  });
});
