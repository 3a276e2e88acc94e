import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HistoryFile, readHistory, readRecordedRun } from '../../../../tools/chaos/history/history-file.js';
import { Recorder } from '../../../../tools/chaos/history/recorder.js';
import { waitFor } from '../../../support/processes.js';
import { CHAOS_OPTIONS, faultOf, historyOf } from './sample-history.js';

describe('a history', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaos-history-'));
    path = join(directory, 'history.jsonl.gz');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('is read back from its file as it was recorded', async () => {
    const history = historyOf({
      faults: [faultOf()],
      outbox: [{ atMs: 1, messages: 2, oldestMs: 3 }],
      accounts: [{ userId: '7', isAcknowledged: true }],
    });
    const { seed, replicas, loadMs, faults, operations, exits, outbox, accounts, machine, memory } = history;
    const { plan, logs, delivery, final } = history;
    const file = new HistoryFile(path);
    const recorder = new Recorder(file);
    recorder.write({ line: 'run', seed, replicas, loadMs, options: CHAOS_OPTIONS });
    recorder.write({ line: 'plan', plan });
    faults.forEach(recorder.addFault);
    operations.forEach(recorder.addOperation);
    exits.forEach(recorder.addExit);
    outbox.forEach(recorder.addOutboxSample);
    accounts.forEach(recorder.addAccount);
    machine.forEach(recorder.addMachineSample);
    memory.forEach(recorder.addMemorySample);
    expect(recorder.complete({ seed, replicas, loadMs, plan, logs, delivery, final })).toEqual(history);
    await file.close();
    expect(readHistory(path)).toEqual(history);
  });

  it('of a run that was killed is rejected, but its plan can be repeated', async () => {
    const file = new HistoryFile(path);
    const { appliedMs, healedMs, ...planned } = faultOf();
    file.write({ line: 'run', seed: '1', replicas: 1, loadMs: 1, options: CHAOS_OPTIONS });
    file.write({ line: 'plan', plan: [planned] });
    file.write({ line: 'account', account: { userId: '7', isAcknowledged: true } });
    // The file as it is before the run ends it.
    await waitFor(() => existsSync(path) && readFileSync(path).length > 10);
    const killed = join(directory, 'killed.jsonl.gz');
    copyFileSync(path, killed);
    await file.close();
    expect(() => readHistory(killed)).toThrow('cut off');
    expect(readRecordedRun(killed)).toEqual({
      options: expect.objectContaining({ seed: '1', kinds: ['redis.freeze'] }),
      plan: [planned],
    });
    expect(healedMs).toBeGreaterThan(appliedMs);
  });
});
