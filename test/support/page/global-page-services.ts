import { Deployment } from '../deployment.js';
import { startServices, stopServices } from '../global-services.js';
import { startChromium } from './chromium.js';
import { storeHistory } from './history.js';
import { publishPageServices } from './page-services.js';

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
    publishPageServices({ browserEndpoint: browser.wsEndpoint(), serviceUrl: service.url });
  } catch (error) {
    await stopPageServices();
    throw error;
  }
}

export async function stopPageServices(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step().catch(() => undefined);
}
