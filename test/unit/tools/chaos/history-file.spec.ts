import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HistoryFile, readHistory } from '../../../../tools/chaos/history/history-file.js';
import { Recorder } from '../../../../tools/chaos/history/recorder.js';
import { faultOf, historyOf } from './sample-history.js';

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
    const { seed, replicas, loadMs, faults, operations, exits, outbox, accounts, machine, logs, final } =
      history;
    const file = new HistoryFile(path);
    const recorder = new Recorder(file);
    recorder.write({ line: 'run', seed, replicas, loadMs });
    faults.forEach(recorder.addFault);
    operations.forEach(recorder.addOperation);
    exits.forEach(recorder.addExit);
    outbox.forEach(recorder.addOutboxSample);
    accounts.forEach(recorder.addAccount);
    machine.forEach(recorder.addMachineSample);
    expect(recorder.complete({ seed, replicas, loadMs, logs, final })).toEqual(history);
    await file.close();
    expect(readHistory(path)).toEqual(history);
  });

  it('of a run that was cut off is rejected', async () => {
    const file = new HistoryFile(path);
    file.write({ line: 'run', seed: '1', replicas: 1, loadMs: 1 });
    await file.close();
    expect(() => readHistory(path)).toThrow('cut off');
  });
});
