import type { BrowserContext, ConsoleMessage, Page } from 'playwright-core';

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

/** Records what a page must never do: break its policy, log an error, throw, or ask another host. */
export class FaultRecorder {
  private readonly faults: Fault[] = [];

  private constructor(
    private readonly origin: string,
    private readonly tolerated: readonly RegExp[],
  ) {}

  /** @param tolerated texts of console messages that the scene provokes, such as the browser's line about a 401 */
  static async install(
    context: BrowserContext,
    origin: string,
    tolerated: readonly RegExp[] = [],
  ): Promise<FaultRecorder> {
    const recorder = new FaultRecorder(origin, tolerated);
    await context.exposeBinding(BINDING, (_source, text: string) => {
      recorder.add('policy', text);
    });
    await context.addInitScript({ content: REPORT_VIOLATIONS });
    context.on('request', (request) => {
      const url = request.url();
      if (!LOCAL.test(url) && new URL(url).origin !== origin) recorder.add('foreign-request', url);
    });
    context.on('page', (page) => {
      recorder.listen(page);
    });
    return recorder;
  }

  get seen(): readonly Fault[] {
    return this.faults;
  }

  /** Returns the faults so far and forgets them. */
  take(): Fault[] {
    return this.faults.splice(0);
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
    this.add('console', `${text} (${message.location().url})`);
  }

  private add(kind: FaultKind, text: string): void {
    this.faults.push({ kind, text: text.replaceAll(this.origin, '') });
  }
}
