import { Deployment } from '../deployment.js';
import { request, signToken } from '../http.js';
import { waitFor } from '../processes.js';
import { startServices, stopServices } from '../global-services.js';
import { startChromium } from './chromium.js';
import { storeHistory } from './history.js';
import { pageRoutes } from './page-routes.js';
import { publishPageServices } from './page-services.js';

/** The ranges in which the page is looked at. */
const RANGES = [30, 90];
const START_MS = 30_000;

const undo: (() => Promise<unknown>)[] = [stopServices];

/** Starts the browser and one service with a history, once for all suites of the page. */
export async function startPageServices(): Promise<void> {
  try {
    // Tells at once what to install, before servers are started.
    const browser = await startChromium();
    undo.push(() => browser.close());
    await startServices({ kafka: false });
    const deployment = await Deployment.create();
    undo.push(() => deployment.remove());
    await storeHistory(deployment);
    const service = await deployment.start({ ADMIN_ROLES: 'admin' });
    await warmUp(service.url);
    publishPageServices({ browserEndpoint: browser.wsEndpoint(), serviceUrl: service.url });
  } catch (error) {
    await stopPageServices();
    throw error;
  }
}

/** Asks for each figure once: the first answer of a new service may take longer than a page is given. */
async function warmUp(url: string): Promise<void> {
  const token = signToken({ userId: '1', roles: ['admin'] });
  for (const days of RANGES)
    for (const [figure, { path }] of Object.entries(pageRoutes(days)))
      await waitFor(async () => (await request(`${url}${path}`, { token })).status === 200, START_MS, {
        what: `the service answers ${figure} of ${days} days`,
      });
}

export async function stopPageServices(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step().catch(() => undefined);
}
