import { describe, expect, it } from '@jest/globals';
import { PolledResource } from '../../../../web/src/api/polled-resource.js';
import { ProblemError, type Problem } from '../../../../web/src/api/problem.js';
import { ManualTimers, settle } from '../support/manual-timers.js';

const EVERY_MS = 30_000;

const problem = (part: Partial<Problem>) =>
  new ProblemError({
    ...{ kind: 'unavailable', status: 503, code: null, detail: null, retryAfterMs: null },
    ...part,
  });

/** Answers with what the test queued; without it, with the number of the request. */
function create(...answers: readonly (number | Error)[]) {
  return createSeen(() => true, ...answers);
}

function createSeen(isShown: () => boolean, ...answers: readonly (number | Error)[]) {
  const timers = new ManualTimers();
  const queue = [...answers];
  const requests: AbortSignal[] = [];
  const resource = new PolledResource<number>(
    async (signal) => {
      requests.push(signal);
      const answer = queue.shift() ?? requests.length;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    EVERY_MS,
    timers,
    isShown,
  );
  return { resource, timers, requests };
}

describe('PolledResource', () => {
  it('asks when somebody looks, and again after each period', async () => {
    const { resource, timers, requests } = create();
    expect(requests).toHaveLength(0);
    const leave = resource.subscribe(() => undefined);
    await settle();
    expect(resource.get()).toEqual({
      ...{ data: 1, asOfMs: timers.nowMs(), problem: null, isLoading: false, retryAtMs: null },
    });
    await timers.pass(EVERY_MS * 2);
    expect(resource.get().data).toBe(3);
    leave();
    await timers.pass(EVERY_MS * 5);
    expect(requests).toHaveLength(3);
    expect(timers.waiting).toBe(0);
  });

  it('keeps the last figure when an answer fails, and tries again with back-off', async () => {
    const { resource, timers, requests } = create(41, problem({}), problem({}), 42);
    resource.subscribe(() => undefined);
    await timers.pass(EVERY_MS);
    const failed = resource.get();
    expect(failed).toMatchObject({ data: 41, problem: { kind: 'unavailable' } });
    expect(failed.asOfMs).toBe(timers.nowMs() - EVERY_MS);
    expect(failed.retryAtMs).toBe(timers.nowMs() + 2_000);
    await timers.pass(2_000);
    expect(resource.get().retryAtMs).toBe(timers.nowMs() + 4_000);
    await timers.pass(4_000);
    expect(resource.get()).toMatchObject({ data: 42, problem: null, retryAtMs: null });
    expect(requests).toHaveLength(4);
  });

  it('waits as long as the service asks for', async () => {
    const { resource, timers } = create(problem({ kind: 'busy', retryAfterMs: 45_000 }), 7);
    resource.subscribe(() => undefined);
    await timers.pass(44_000);
    expect(resource.get()).toMatchObject({ data: null, problem: { kind: 'busy' } });
    await timers.pass(1_000);
    expect(resource.get().data).toBe(7);
  });

  it('does not repeat a refused request sooner than its period', async () => {
    const { resource, timers, requests } = create(problem({ kind: 'forbidden', status: 403 }));
    resource.subscribe(() => undefined);
    await timers.pass(EVERY_MS - 1);
    expect(requests).toHaveLength(1);
  });

  it('asks at once when told to, and not twice at a time', async () => {
    const { resource, requests } = create(problem({}), 5);
    resource.subscribe(() => undefined);
    resource.refresh();
    expect(requests).toHaveLength(1);
    await settle();
    resource.refresh();
    await settle();
    expect(resource.get()).toMatchObject({ data: 5, problem: null });
  });

  it('ends the request when nobody looks any more, and asks anew for the next one', async () => {
    const { resource, requests } = create();
    resource.subscribe(() => undefined)();
    expect(requests[0]?.aborted).toBe(true);
    await settle();
    expect(resource.get().data).toBeNull();
    resource.subscribe(() => undefined);
    await settle();
    expect(resource.get().data).toBe(2);
  });

  it('asks nothing for a figure that comes up while the page is hidden, until the page is shown', async () => {
    let isShown = false;
    const { resource, timers, requests } = createSeen(() => isShown);
    const leave = resource.subscribe(() => undefined);
    await timers.pass(EVERY_MS * 3);
    expect(requests).toHaveLength(0);
    isShown = true;
    resource.resume();
    await settle();
    expect(resource.get().data).toBe(1);
    leave();
  });
});
