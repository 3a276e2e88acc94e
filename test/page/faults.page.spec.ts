import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';

import { PAGE_MS, useDashboard } from '../support/page/dashboard.js';
import { temporaryDirectory, waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const open = useDashboard();

/** Each scene of these suites fails by what is committed here. */
describe('the recorder of faults', () => {
  it.each([
    [
      'policy',
      'an inline style',
      `document.body.append(document.createElement('style').appendChild(new Text('p{}')).parentNode)`,
    ],
    ['policy', 'text that becomes markup', `try { document.body.innerHTML = '<b>x</b>' } catch {}`],
    ['policy', 'a request to another host', `void fetch('http://127.0.0.1:1/').catch(() => {})`],
    ['console', 'an error that is logged', `console.error('an error of a test')`],
    ['console', 'a warning that is logged', `console.warn('a warning of a test')`],
    [
      'exception',
      'an error that nobody catches',
      `setTimeout(() => { throw new Error('thrown by a test') })`,
    ],
    ['exception', 'a rejection that nobody handles', `void Promise.reject(new Error('rejected by a test'))`],
  ] as const)('reports as %s: %s', async (kind, _what, script) => {
    const { page, faults } = await open({ token: null, isShared: true });
    expect(faults.seen).toEqual([]);
    await page.evaluate(script);
    await waitFor(() => faults.seen.some((fault) => fault.kind === kind), PAGE_MS, { what: kind });
    await faults.take();
  });

  it('reports as foreign-request: a request to another host that no policy stopped', async () => {
    const { page, faults } = await open({ token: null, context: { bypassCSP: true } });
    await page.evaluate(`void fetch('http://127.0.0.1:1/').catch(() => {})`);
    await waitFor(() => faults.seen.some(({ kind }) => kind === 'foreign-request'), PAGE_MS);
    await faults.take();
  });

  it.each([
    ['forgives one answer of a busy database, and notes it', 1, 0],
    ['reports each of two answers of a busy database', 2, 2],
  ])('%s', async (_, answers, reported) => {
    const { page, faults } = await open({ token: null });
    const answer = { status: 503, json: { code: 'database_unavailable' } };
    await page.route(
      (url) => url.pathname === '/status',
      (route) => route.fulfill(answer),
    );
    const notes = join(temporaryDirectory('page-notes'), 'notes');
    writeFileSync(notes, '');
    const before = process.env['STEP_SKIPPED_FILE'];
    process.env['STEP_SKIPPED_FILE'] = notes;
    try {
      for (let asked = 0; asked < answers; asked += 1)
        await page.evaluate(`fetch('/status?${asked}').then(() => undefined)`);
      await waitFor(() => faults.seen.length === answers, PAGE_MS, { what: 'the browser logs the answers' });
      expect(await faults.take()).toHaveLength(reported);
      expect(readFileSync(notes, 'utf8').match(/\n/g)?.length ?? 0).toBe(answers - reported);
    } finally {
      if (before === undefined) delete process.env['STEP_SKIPPED_FILE'];
      else process.env['STEP_SKIPPED_FILE'] = before;
    }
  });

  it('reports nothing of a visit without a fault', async () => {
    const { page, faults, t } = await open();
    await page.getByRole('main', { name: t.app.dashboard }).waitFor();
    expect(faults.seen).toEqual([]);
  });
});
