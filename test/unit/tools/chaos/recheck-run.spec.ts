import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../../../tools/chaos/checkers/check-history.js';
import { HistoryFile, readHistory } from '../../../../tools/chaos/history/history-file.js';
import { Recorder } from '../../../../tools/chaos/history/recorder.js';
import type { History } from '../../../../tools/chaos/history/history.js';
import { recheckRun } from '../../../../tools/chaos/replay/recheck-run.js';
import { readReport, reportOf, saveReport } from '../../../../tools/chaos/report/run-report.js';
import type { Check } from '../../../../tools/simulation/verification/check.js';
import { CHAOS_OPTIONS, historyOf } from './sample-history.js';

const UNDELIVERED: Check = {
  ...{ verdict: 'wrong', name: 'every batch delivered', detail: '1 of 2 batches', samples: [] },
};
const SILENT = { isTTY: false, write: () => undefined };

describe('recheckRun', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaos-recheck-'));
    path = join(directory, 'history.jsonl.gz');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  /** Writes the file of a run; an earlier version has no line of the delivery. */
  async function record(history: History, isEarlier: boolean): Promise<void> {
    const file = new HistoryFile(path);
    const { seed, replicas, loadMs, plan, logs, delivery, final } = history;
    file.write({ line: 'run', seed, replicas, loadMs, options: CHAOS_OPTIONS });
    file.write({ line: 'plan', plan });
    const recorder = new Recorder(file);
    history.operations.forEach(recorder.addOperation);
    history.exits.forEach(recorder.addExit);
    if (isEarlier) file.write({ line: 'final', final });
    else recorder.complete({ seed, replicas, loadMs, plan, logs, delivery, final });
    file.write({ line: 'verdict', verdict: checkHistory(history) });
    await file.close();
  }

  it.each([
    ['this version', false],
    ['an earlier version', true],
  ])('keeps the delivery of a run of %s wrong', async (_version, isEarlier) => {
    const history = historyOf({ delivery: [UNDELIVERED] });
    await record(history, isEarlier);
    expect(readHistory(path).delivery).toEqual([UNDELIVERED]);
    saveReport(path, reportOf(history, checkHistory(history), []));
    expect(recheckRun(path, SILENT)).toBe(1);
    expect(readReport(directory)).toMatchObject({ verdict: 'wrong', wrong: ['every batch delivered'] });
  });

  it('writes no report of a run that was interrupted before it had one', async () => {
    await record(historyOf(), false);
    let text = '';
    expect(recheckRun(path, { isTTY: false, write: (more: string) => (text += more) })).toBe(0);
    // Its processes did not live long enough for the growth of memory.
    expect(text).toContain('verdict: every judged check holds, 1 left open');
    expect(existsSync(join(directory, 'verdict.json'))).toBe(false);
  });
});
