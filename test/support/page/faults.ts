import type { BrowserContext, ConsoleMessage, Page, Response } from 'playwright-core';

import { noteSkipped } from '../../../tools/support/skipped.mjs';

export type FaultKind = 'policy' | 'console' | 'exception' | 'foreign-request';

export interface Fault {
  readonly kind: FaultKind;
  readonly text: string;
}

const BINDING = '__reportPolicyViolation';
/** Runs in each document before its own scripts. */
const REPORT_VIOLATIONS = `
document.addEventListener('securitypolicyviolation', (event) => {
  window.${BINDING}(event.effectiveDirective + ' refuses ' + (event.blockedURI || 'inline') + ' ' + event.sample);
});`;
const LOCAL = /^(data|blob|about):/;

/** The service asks the page to come again: its database waits for the processor of a busy machine. */
const BUSY_DATABASE = /status of 503 .*\) (database_unavailable|database_too_slow|answer_too_slow)$/;
/** Such answers that a visit may get; the page asks again, and every scene waits for its figures. */
const MAX_BUSY_ANSWERS = 1;

/** Records what a page must never do: break its policy, log an error, throw, or ask another host. */
export class FaultRecorder {
  private readonly faults: (Fault & { readonly url?: string })[] = [];
  /** Problems that the service answered, by the address that was asked. */
  private readonly problems = new Map<string, Promise<string>>();

  private origin = '';
  private tolerated: readonly RegExp[] = [];

  static async install(context: BrowserContext): Promise<FaultRecorder> {
    const recorder = new FaultRecorder();
    await context.exposeBinding(BINDING, (_source, text: string) => {
      recorder.add('policy', text);
    });
    await context.addInitScript({ content: REPORT_VIOLATIONS });
    context.on('request', (request) => {
      const url = request.url();
      if (!LOCAL.test(url) && new URL(url).origin !== recorder.origin) recorder.add('foreign-request', url);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) recorder.problems.set(response.url(), codeOf(response));
    });
    context.on('page', (page) => {
      recorder.listen(page);
    });
    return recorder;
  }

  /**
   * Begins a visit.
   *
   * @param tolerated texts of console messages that the scene provokes, such as the browser's line about a 401
   */
  begin(origin: string, tolerated: readonly RegExp[] = []): void {
    this.faults.splice(0);
    this.problems.clear();
    this.origin = origin;
    this.tolerated = tolerated;
  }

  get seen(): readonly Fault[] {
    return this.faults;
  }

  /** Returns the faults so far, failed answers with the code of their problem, and forgets them. */
  async take(): Promise<Fault[]> {
    const faults = await Promise.all(
      this.faults.splice(0).map(async ({ url, ...fault }) => {
        const code = url === undefined ? undefined : await this.problems.get(url);
        return { ...fault, text: code === undefined ? fault.text : `${fault.text} ${code}` };
      }),
    );
    const busy = faults.filter(({ text }) => BUSY_DATABASE.test(text));
    if (busy.length > MAX_BUSY_ANSWERS) return faults;
    // Forgiven answers that come with every run are a fault of the service: the table of `.ci/run` shows them.
    for (const { text } of busy) noteSkipped(`a fault of a busy machine (${text})`);
    return faults.filter((fault) => !busy.includes(fault));
  }

  private listen(page: Page): void {
    page.on('console', (message: ConsoleMessage) => {
      if (['error', 'warning', 'assert'].includes(message.type())) this.addMessage(message);
    });
    page.on('pageerror', (error) => {
      this.add('exception', error.message);
    });
  }

  private addMessage(message: ConsoleMessage): void {
    const text = message.text();
    if (this.tolerated.some((pattern) => pattern.test(text))) return;
    // The browser's line about a refused request does not say which request it was.
    const { url } = message.location();
    this.add('console', `${text} (${url})`, url);
  }

  private add(kind: FaultKind, text: string, url?: string): void {
    const fault = { kind, text: text.replaceAll(this.origin, '') };
    this.faults.push(url === undefined ? fault : { ...fault, url });
  }
}

/** Returns the stable code of a problem; a body that is lost with its page has none. */
async function codeOf(response: Response): Promise<string> {
  try {
    const { code } = (await response.json()) as { readonly code?: unknown };
    return String(code);
  } catch {
    return 'without a problem document';
  }
}
