import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';

import { beforeEach, describe, expect, it } from '@jest/globals';

import { UnreadAnswers, type HeldAnswer } from '../../../../src/api/http/unread-answers.js';

const KIB = 1024;
/** Memory that counts for a request behind another one. */
const WAITING_BYTES = 32 * KIB;
const MAX_BYTES = 10 * WAITING_BYTES;

class FakeSocket extends EventEmitter {
  destroyed = false;

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

class FakeAnswer extends EventEmitter {
  client = null;
  heldBytes = 0;

  send(): void {
    this.emit('finish');
  }
}

let answers: UnreadAnswers;
let handled: number;

beforeEach(() => {
  answers = new UnreadAnswers(MAX_BYTES);
  handled = 0;
});

function receive(socket: FakeSocket): FakeAnswer {
  const answer = new FakeAnswer();
  const handle = answers.admit(() => handled++);
  handle({ socket } as unknown as IncomingMessage, answer as unknown as HeldAnswer);
  return answer;
}

function hold(answer: FakeAnswer, bytes: number): void {
  answers.hold(answer as unknown as HeldAnswer, bytes);
}

describe('UnreadAnswers', () => {
  it('counts nothing for a client that waits for each answer', () => {
    const socket = new FakeSocket();
    for (let i = 0; i < 1_000; i++) {
      const answer = receive(socket);
      expect(answers.heldBytes).toBe(0);
      answer.send();
    }
    expect(handled).toBe(1_000);
    expect(socket.destroyed).toBe(false);
  });

  it('gives back what answers held, in whatever order they were made', () => {
    const socket = new FakeSocket();
    const [first, second, third] = [receive(socket), receive(socket), receive(socket)];
    hold(third, 5 * KIB);
    hold(first, 7 * KIB);
    expect(answers.heldBytes).toBe(2 * WAITING_BYTES + 12 * KIB);
    first.send();
    expect(answers.heldBytes).toBe(2 * WAITING_BYTES + 5 * KIB);
    second.send();
    third.send();
    expect(answers.heldBytes).toBe(0);
  });

  it('closes a client whose requests wait beyond its share, and begins none of the rest', () => {
    const socket = new FakeSocket();
    for (let i = 0; i < 1_000; i++) receive(socket);
    expect(socket.destroyed).toBe(true);
    expect(handled).toBe(1 + 3);
    expect(answers.heldBytes).toBe(0);
  });

  it('closes each client that sends ahead while others hold all, and none that waits for its answers', () => {
    const holders = Array.from({ length: 10 }, () => new FakeSocket());
    for (const socket of holders) hold(receive(socket), MAX_BYTES / 10);
    const [ahead, waiting] = [new FakeSocket(), new FakeSocket()];
    receive(ahead);
    receive(ahead);
    receive(waiting).send();
    receive(waiting).send();
    expect([ahead, waiting, ...holders].filter(({ destroyed }) => destroyed)).toEqual([ahead]);
  });

  it('closes the client that holds most, not the one that exceeds the bound', () => {
    const [small, large, last] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
    hold(receive(small), MAX_BYTES / 4);
    hold(receive(large), MAX_BYTES / 2);
    hold(receive(last), MAX_BYTES / 3);
    expect([small, large, last].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
    expect(answers.heldBytes).toBe(MAX_BYTES / 4 + MAX_BYTES / 3);
  });

  it('gives back what a client held that leaves, and nothing twice', () => {
    const socket = new FakeSocket();
    const answer = receive(socket);
    hold(answer, MAX_BYTES / 2);
    socket.destroy();
    answer.send();
    hold(answer, MAX_BYTES);
    expect(answers.heldBytes).toBe(0);
    hold(receive(new FakeSocket()), MAX_BYTES);
    expect(answers.heldBytes).toBe(MAX_BYTES);
  });

  it('sends one answer beyond the bound, but none beside it', () => {
    const [socket, other] = [new FakeSocket(), new FakeSocket()];
    const answer = receive(socket);
    hold(answer, MAX_BYTES + 1);
    expect(socket.destroyed).toBe(false);
    hold(receive(other), 1);
    expect([socket, other].map(({ destroyed }) => destroyed)).toEqual([true, false]);
    expect(answers.heldBytes).toBe(1);
  });
});
