/** Holds what the global setup of the suites of the page passes to their files. */
export interface PageServices {
  /** Address at which Playwright finds the shared browser. */
  readonly browserEndpoint: string;
  /** Origin of the shared service, which has weeks of history. */
  readonly serviceUrl: string;
}

const VARIABLE = 'ANALYTICS_TEST_PAGE_SERVICES';

export function publishPageServices(services: PageServices): void {
  process.env[VARIABLE] = JSON.stringify(services);
}

export function pageServices(): PageServices {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('The browser is not running: this suite belongs into test/page.');
  return JSON.parse(text) as PageServices;
}
